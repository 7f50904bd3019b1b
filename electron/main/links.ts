/** The only pages outside that the app opens, in the system's own browser: those that the About page links to. */
export const links: readonly string[] = [
  'https://www.tensorflow.org/js',
  'https://onnxruntime.ai/',
  'https://sharp.pixelplumbing.com/',
  'https://www.libvips.org/',
  'https://zod.dev/',
  'https://github.com/websockets/ws',
  'https://svelte.dev/',
  'https://www.chartjs.org/',
  'https://www.electronjs.org/',
  'https://www.chromium.org/',
];

/** Exact addresses: neither a prefix, nor another scheme, nor a name and password in front of the host. */
export const isListedLink = (url: unknown): url is string => typeof url === 'string' && links.includes(url);
