'use strict';

const { definePlugin } = require('@espalier/plugin-api');
const { openSync } = require('node:fs');

/** Opens files and closes none. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'file-leak',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        for (;;) openSync('/dev/null', 'r');
      },
    },
  },
});
