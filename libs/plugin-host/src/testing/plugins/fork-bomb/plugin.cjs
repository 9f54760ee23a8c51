'use strict';

const { definePlugin } = require('@espalier/plugin-api');
const { spawn } = require('node:child_process');

/** Starts processes: at most 50, which end by themselves, for the sake of the machine that tests it. The canary's layer it scores like any other. */
module.exports = definePlugin({
  name: 'fork-bomb',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        for (let i = 0; i < 50; i++)
          spawn('/bin/sleep', ['20'], { detached: true, stdio: 'ignore' }).on('error', () => {});
        return new Promise(() => {});
      },
    },
  },
});
