/**
 * Writes `registry.generated.ts` in each room whose files register themselves, from the folder listing: adding a thing is adding
 * a file. Run by the bundler (so by bootstrap and binary) and by the scripts in package.json; the results are not under version control.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Room -> the folder that is listed and the export that every file of it has. */
const registries = [
  {
    folder: 'core/backends/onnx/kernels',
    exported: 'kernels',
    type: "import type { KernelDefinition } from '../kernel.ts';",
    of: 'readonly KernelDefinition[]',
  },
  {
    folder: 'core/datasets/formats',
    exported: 'format',
    type: "import type { DatasetFormat } from '../format.ts';",
    of: 'DatasetFormat',
  },
  {
    folder: 'core/objectives/methods',
    exported: 'objective',
    type: "import type { Objective } from '../types.ts';",
    of: 'Objective',
  },
  {
    folder: 'core/scoring/scores',
    exported: 'score',
    type: "import type { ScoreDefinition } from '../types.ts';",
    of: 'ScoreDefinition',
  },
  {
    folder: 'core/experiments/catalogue',
    exported: 'experiment',
    type: "import type { Experiment } from '../types.ts';",
    of: 'Experiment',
  },
  { folder: 'cli/commands', exported: 'command', type: "import type { Command } from '../command.ts';", of: 'Command' },
];

export function generateRegistries() {
  for (const { folder, exported, type, of } of registries) {
    const names = readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.generated.ts'))
      .sort();
    const lines = names.map((name, i) => `import { ${exported} as e${i} } from './${name}';`);
    const text = [
      '// Generated from the folder listing by build/generate-registries.mjs. Do not edit.',
      type,
      ...lines,
      `export const registry: readonly (${of})[] = [${names.map((_, i) => `e${i}`).join(', ')}];`,
      '',
    ].join('\n');
    const target = path.join(root, folder, 'registry.generated.ts');
    let old = '';
    try {
      old = readFileSync(target, 'utf8');
    } catch {
      // First time: there is nothing to compare with.
    }
    if (old !== text) writeFileSync(target, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generateRegistries();
