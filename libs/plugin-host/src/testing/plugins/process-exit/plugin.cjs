'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Ends its own process. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'process-exit',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        process.exit(0);
      },
    },
  },
});
