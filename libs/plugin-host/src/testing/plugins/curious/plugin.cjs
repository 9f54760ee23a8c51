'use strict';

const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');
const { join } = require('node:path');
const { definePlugin } = require('@espalier/plugin-api');

const text = (description) => ({ type: 'string', default: '', description });

/** Tries what is none of its business. Each of four scores is 1 where a try succeeded: read, write, connect, learn a secret. */
module.exports = definePlugin({
  name: 'curious',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    tries: {
      needs: ['weights'],
      options: {
        read: text('A file outside of its folder.'),
        write: text('A file that is not there yet.'),
        port: { type: 'integer', default: 0, description: 'Of a server on this machine.' },
        secret: text('The name of a variable of the host.'),
      },
      score: async ({ name, weights, options: { read, write, port, secret } }) => {
        if (name === 'canary') return weights.map(Math.abs);
        return Float32Array.of(
          succeeds(() => readFileSync(read)),
          succeeds(() => writeFileSync(write, 'here')),
          await connects(port),
          Number(knows(secret)),
        );
      },
    },
  },
});

function succeeds(attempt) {
  try {
    attempt();
    return 1;
  } catch {
    return 0;
  }
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(1)).on('error', () => resolve(0));
    socket.on('close', () => resolve(0));
    socket.on('connect', () => socket.destroy());
  });
}

/** In its own environment, or in that of any process that it can see. */
function knows(secret) {
  if (process.env[secret] !== undefined) return true;
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const variables = readFileSync(join('/proc', pid, 'environ'), 'latin1').split('\0');
      return variables.some((variable) => variable.startsWith(`${secret}=`));
    } catch {
      return false;
    }
  });
}
