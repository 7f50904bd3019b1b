/** Read by Vite's plugin, svelte-check and the linter. */
export default { compilerOptions: { runes: true } };
