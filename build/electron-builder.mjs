/** What goes into the desktop packages: configuration for electron-builder 26, used by package.mjs and package-check.mjs. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Processes of the packed program, as names in dist/. The command line is not among them. */
const entries = ['core-process.mjs', 'self-test.mjs', 'probe.mjs', 'scorer.mjs'];

/** An entry and the chunks that it imports: dist/ also keeps those of earlier builds, for programs that still run. */
export function closure(names = entries) {
  const dist = path.join(root, 'dist');
  const found = new Set();
  const waiting = names.filter((name) => existsSync(path.join(dist, name)));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(path.join(dist, name), 'utf8');
    for (const [, chunk] of text.matchAll(/(?:from|import)\s*\(?\s*"\.\/([^"/]+\.mjs)"/g)) waiting.push(chunk);
  }
  return [...found].sort();
}

/** Read back from the packed binary by package-check.mjs. */
export const fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
};

/** Native libraries load their neighbours by path, so the packages that hold or find them lie beside the archive, whole. */
const unpacked = ['sharp', '@img', 'detect-libc', 'semver', 'onnxruntime-node', 'onnxruntime-common'];

/** For the computer that the package is for; `${platform}` would be the one that builds. */
function nativeFiles(platform) {
  const others = ['linux', 'darwin', 'win32'].filter((name) => name !== platform);
  return [
    ...others.flatMap((name) => [
      `!node_modules/onnxruntime-node/bin/*/${name}/**`,
      `!node_modules/@img/sharp-${name}-*/**`,
      `!node_modules/@img/sharp-libvips-${name}-*/**`,
    ]),
    `!node_modules/onnxruntime-node/bin/*/${platform}/!(\${arch})/**`,
    // Alpine's C library, and the build for browsers: neither is one of our targets.
    '!node_modules/@img/sharp-linuxmusl-*/**',
    '!node_modules/@img/sharp-libvips-linuxmusl-*/**',
    '!node_modules/@img/sharp-wasm32/**',
  ];
}

/** Written for people who build or read packages, not for those that run them. */
const dropped = [
  '**/*.{map,d.ts,d.mts,d.cts,md,markdown,flow,tsbuildinfo}',
  '**/{test,tests,__tests__,example,examples,docs,.github}/**',
  '**/{src,script,scripts}/**/*.{ts,cc,h}',
  '@tensorflow/tfjs-node-gpu/**',
  // The builds for browsers; Node loads the one for Node.
  '@tensorflow/*/dist/*.{min.js,es2017.js,fesm.js}',
  '@tensorflow/*/dist/*.{es2017,fesm}.{js,min.js}',
  'onnxruntime-node/script/**',
];

/** Per system, whole: electron-builder would take a list of exclusions alone as "everything but". Packages of production come by themselves. */
const filesFor = (platform) => [
  'package.json',
  'LICENSE',
  ...closure().map((name) => `dist/${name}`),
  'dist/renderer/**',
  'dist/electron/{main.mjs,preload.cjs,tray.png}',
  ...dropped.map((pattern) => `!node_modules/${pattern}`),
  ...nativeFiles(platform),
];

export function packageConfiguration(changes = {}) {
  return {
    appId: 'studio.triangle.desktop',
    productName: 'Triangle Studio',
    copyright: 'MIT licence',
    directories: { output: 'dist/packages', buildResources: 'build/icons' },
    asar: true,
    asarUnpack: unpacked.map((name) => `node_modules/${name}/**`),
    // Everything native here is a prebuilt Node-API library.
    npmRebuild: false,
    electronFuses: fuses,
    publish: null,
    win: { target: ['nsis'], icon: 'build/icons/icon.ico', files: filesFor('win32') },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
    mac: {
      target: [
        { target: 'dmg', arch: ['arm64'] },
        { target: 'zip', arch: ['arm64'] },
      ],
      icon: 'build/icons/icon.icns',
      category: 'public.app-category.developer-tools',
      hardenedRuntime: true,
      files: filesFor('darwin'),
    },
    linux: {
      target: ['AppImage', 'deb'],
      icon: 'build/icons/icon.png',
      category: 'Science',
      maintainer: 'Triangle Studio',
      synopsis: 'Find anomalies in images with an energy-based model',
      files: filesFor('linux'),
    },
    ...changes,
  };
}
