/** Specs of tfjs-core's suite that are not expected to pass on the ONNX backend, each with its reason. */

export interface SkipEntry {
  /** Full name of the spec without the backend's name, as run.mjs prints it. */
  readonly name: string;
  readonly reason: string;
}

export const skipList: readonly SkipEntry[] = [];
