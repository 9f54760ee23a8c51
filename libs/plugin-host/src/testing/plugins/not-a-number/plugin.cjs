'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** One score is NaN. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'not-a-number',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        const scores = weights.map(Math.abs);
        scores[scores.length - 1] = NaN;
        return scores;
      },
    },
  },
});
