/** Builds the window's page to dist/renderer, with relative addresses: it is served by `app://` and by `triangle serve`. */
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

export default defineConfig({
  root,
  base: './',
  plugins: [svelte({ configFile: path.join(root, '../svelte.config.js') })],
  build: {
    outDir: path.join(root, '../dist/renderer'),
    emptyOutDir: true,
    target: 'es2023',
    // The polyfill is an inline script, which the page's content security policy refuses.
    modulePreload: { polyfill: false },
    // Small pictures as data: addresses would need a hole in the policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Standard output belongs to the verb that had the page built.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: { fs: { allow: [path.join(root, '..')] } },
});
