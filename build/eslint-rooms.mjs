/** The import table of ARCHITECTURE.md as an ESLint rule: who may import whom is checked by a machine, not by a reviewer. */
import path from 'node:path';

/** What every room of the core may import beside itself. */
const everywhere = ['core/errors', 'core/random', 'core/score-names', 'core/user-folders', 'core/version'];

/** Room (longest prefix wins) -> rooms and packages that it may import. `node:` stands for Node's own modules. */
export const table = {
  'core/nets': ['@tensorflow/tfjs'],
  'core/objectives': ['core/nets', '@tensorflow/tfjs'],
  'core/datasets': ['node:', 'sharp', 'zod'],
  'core/runs': ['node:', 'sharp', 'zod'],
  'core/training': [
    'core/objectives',
    'core/nets',
    'core/datasets',
    'core/runs',
    'core/backends/types',
    'core/evaluation',
    '@tensorflow/tfjs',
    'node:',
  ],
  'core/scoring': [
    'core/nets',
    'core/objectives',
    'core/datasets',
    'core/runs',
    'core/backends/types',
    'core/backends/graphs',
    'core/evaluation',
    '@tensorflow/tfjs',
    'sharp',
    'zod',
    'node:',
  ],
  'core/galleries': [
    'core/nets',
    'core/objectives',
    'core/datasets',
    'core/runs',
    'core/scoring',
    'core/backends/types',
    'core/backends/graphs',
    '@tensorflow/tfjs',
    'sharp',
    'zod',
    'node:',
  ],
  'core/evaluation': [],
  // The paper's experiments: plans of trainings, made through the jobs that hosts use too.
  'core/experiments': [
    'core/jobs/train-job',
    'core/jobs/snapshots',
    'core/jobs/plan',
    'core/presets',
    'core/scoring',
    'core/galleries',
    'core/evaluation',
    'core/datasets',
    'core/objectives',
    'core/nets/types',
    'core/backends/graphs',
    'core/runs',
    'zod',
    'node:',
  ],
  'core/backends': ['@tensorflow/', 'onnxruntime-node', 'onnxruntime-common', 'node:'],
  'core/errors': [],
  'core/random': [],
  'core/score-names': [],
  'core/user-folders': ['node:'],
  'core/version': ['package.json'],
  'core/presets': ['core/nets/types', 'core/objectives/types', 'core/datasets/types', 'core/training/types'],
  // What hosts ask for as a whole: the only room beside the door that puts all others together.
  'core/jobs': ['core', 'node:'],
  'core/index': ['core', 'node:'],
  // A person's whole collection; what hosts show beside single jobs.
  'core/library': ['core', 'sharp', 'zod', 'node:'],
  'ipc/contract': ['core/score-names', 'zod'],
  'ipc/client': ['ipc/contract'],
  'ipc/host': ['ipc/client', 'ipc/bridge'],
  'ipc/bridge': ['ipc/client', 'ipc/contract', 'ipc/host'],
  'ipc/supervisor': ['ipc/contract', 'ipc/lanes', 'ipc/messages'],
  ipc: ['ipc', 'core/index', 'node:'],
  cli: ['core/index', 'core/score-names', 'core/version', 'node:'],
  // The browser host never loads the core: that lives in processes of its own.
  'cli/serve': ['ipc', 'cli', 'ws', 'node:'],
  'cli/commands/serve': ['cli', 'ipc/fork', 'node:'],
  // What Electron offers, the contract, and what starts the core process; never the core itself.
  'electron/main': [
    'electron',
    'electron/channels',
    'ipc/contract',
    'ipc/bridge',
    'ipc/supervisor',
    'ipc/messages',
    'ipc/page-files',
    'ipc/child-messages',
    'zod',
    'node:',
  ],
  'electron/preload': ['electron', 'electron/channels', 'ipc/bridge'],
  'electron/channels': [],
  // Looks only: everything it knows comes over the contract.
  renderer: ['ipc/contract', 'ipc/client', 'ipc/host', 'ipc/bridge', 'svelte', 'chart.js', 'svelte/'],
  'renderer/vite.config': ['vite', '@sveltejs/', 'node:'],
};

/** The room of a repository path: the longest key of the table that starts it. */
function roomOf(file) {
  return Object.keys(table)
    .filter((room) => file === room || file.startsWith(`${room}/`) || file.startsWith(`${room}.`))
    .sort((a, b) => b.length - a.length)[0];
}

function allowed(room, target) {
  const permitted = [...table[room], room, ...(room.startsWith('core/') ? everywhere : [])];
  return permitted.some((entry) =>
    entry === 'node:' || entry.endsWith('/')
      ? target.startsWith(entry)
      : target === entry || target.startsWith(`${entry}/`) || target.startsWith(`${entry}.`),
  );
}

export const rooms = {
  meta: {
    type: 'problem',
    messages: { forbidden: '{{room}} may not import {{target}} (see ARCHITECTURE.md, "Who may import whom").' },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const room = roomOf(file);
    if (room === undefined) return {};
    const check = (node) => {
      if (typeof node.source?.value !== 'string') return;
      const name = node.source.value;
      const target = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
      if (!allowed(room, target)) context.report({ node, messageId: 'forbidden', data: { room, target } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
