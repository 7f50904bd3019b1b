/** The program's version and those of the packages that compute: package.json says them, nobody else. */
import description from '../package.json' with { type: 'json' };

export const version: string = description.version;

/** Versions of what is at work, for reports of faults. */
export function versions(): Readonly<Record<string, string>> {
  const { dependencies } = description;
  return {
    triangle: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    'onnxruntime-node': dependencies['onnxruntime-node'],
    '@tensorflow/tfjs': dependencies['@tensorflow/tfjs'],
    sharp: dependencies.sharp,
  };
}
