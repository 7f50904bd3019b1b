import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // For the window's state classes (`*.svelte.ts`).
  plugins: [svelte()],
  test: {
    include: ['test/unit/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/conformance/**/*.test.ts'],
    // Native addons (ONNX Runtime, sharp) do not live well in worker threads: onnxruntime issue 20084.
    pool: 'forks',
    maxWorkers: 2,
    // tfjs greets each process that computes with its plain JavaScript backend.
    onConsoleLog: (log) => !log.includes('looks like you are running TensorFlow.js in Node.js'),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
