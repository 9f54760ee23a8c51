'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** One score too few. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'wrong-shape',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        return weights.slice(1);
      },
    },
  },
});
