'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Rejects, and leaves a second rejection unhandled. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'rejected-promise',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        return Promise.reject(new Error('no scores today'));
      },
    },
  },
});
