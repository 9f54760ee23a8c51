// The page, from source: workspace libs are taken by the condition @espalier/source, as in tests.

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [svelte()],
  resolve: {
    conditions: ['@espalier/source', 'svelte', 'browser', 'module', 'import', 'default'],
  },
  build: {
    target: 'es2022',
    // Nothing as a data: URL, which the policy forbids too.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
