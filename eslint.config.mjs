import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { rooms } from './build/eslint-rooms.mjs';
import svelteConfig from './svelte.config.js';

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'runs/', '**/*.generated.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'Buffer',
          'performance',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'setImmediate',
          'structuredClone',
          'AbortController',
          'TextDecoder',
          'TextEncoder',
          'fetch',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    // The window's code has types of its own (DOM, runes).
    files: ['renderer/**/*.ts', 'test/unit/renderer/**/*.ts'],
    ignores: ['renderer/vite.config.ts'],
    languageOptions: {
      parserOptions: { projectService: false, project: './tsconfig.web.json', extraFileExtensions: ['.svelte'] },
    },
  },
  // Types in components are svelte-check's work: rules that need types would be asked twice, and slowly.
  {
    files: ['renderer/**/*.svelte'],
    extends: [...tseslint.configs.strict],
    rules: { 'no-undef': 'off', 'prefer-const': 'off' },
  },
  ...svelte.configs.recommended,
  {
    files: ['renderer/**/*.svelte', 'renderer/**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig, extraFileExtensions: ['.svelte'] } },
    rules: {
      'svelte/prefer-const': ['error', { excludedRunes: ['$props', '$derived'] }],
      // Addresses are hashes of our own, not SvelteKit's routes.
      'svelte/no-navigation-without-resolve': 'off',
      // Maps and sets here are private bookkeeping, or are replaced as a whole ($state.raw).
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: [
      'core/**/*.ts',
      'cli/**/*.ts',
      'electron/**/*.ts',
      'ipc/**/*.ts',
      'renderer/**/*.ts',
      'renderer/**/*.svelte',
    ],
    plugins: { house: { rules: { rooms } } },
    rules: { 'house/rooms': 'error' },
  },
);
