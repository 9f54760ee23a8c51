'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Never gives the processor back. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'endless-loop',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        for (;;);
      },
    },
  },
});
