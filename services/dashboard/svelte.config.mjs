// Read by Vite's plugin, by svelte-check and by editors.

export default { compilerOptions: { runes: true } };
