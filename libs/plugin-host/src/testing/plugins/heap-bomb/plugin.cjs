'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Objects without end. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'heap-bomb',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        const kept = [];
        for (;;) kept.push({ at: kept.length, text: String(kept.length) });
      },
    },
  },
});
