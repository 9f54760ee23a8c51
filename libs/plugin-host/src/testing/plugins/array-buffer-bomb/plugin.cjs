'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Memory that is not V8's, and so not in its heap limit. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'array-buffer-bomb',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        const kept = [];
        for (;;) kept.push(new Uint8Array(16 * 1024 * 1024).fill(1));
      },
    },
  },
});
