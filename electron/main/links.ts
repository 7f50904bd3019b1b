/** The only pages outside that the app opens, in the system's own browser. */
export const links: readonly string[] = [
  'https://www.electronjs.org/',
  'https://onnxruntime.ai/',
  'https://github.com/huggingface/safetensors',
];

/** Exact addresses: neither a prefix, nor another scheme, nor a name and password in front of the host. */
export const isListedLink = (url: unknown): url is string => typeof url === 'string' && links.includes(url);
