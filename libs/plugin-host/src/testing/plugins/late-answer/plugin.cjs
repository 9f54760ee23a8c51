'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Answers, but long after anybody waits. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'late-answer',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        const until = Date.now() + 8_000;
        while (Date.now() < until);
        return weights.map(Math.abs);
      },
    },
  },
});
