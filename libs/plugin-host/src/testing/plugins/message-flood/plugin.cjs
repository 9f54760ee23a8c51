'use strict';

const { randomBytes } = require('node:crypto');
const { Socket } = require('node:net');
const { definePlugin } = require('@espalier/plugin-api');
const { Packr } = require('msgpackr');

/**
 * Sends as fast as it can: what it publishes as an observer; as a criterion, which cannot publish, messages on the runner's own socket. The
 * canary's layer it scores like any other.
 */
module.exports = definePlugin({
  name: 'message-flood',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    bad: {
      needs: ['weights'],
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.map(Math.abs);
        const flood = () => {
          for (let i = 0; i < 500; i++) wire.write(frame(pong()));
          setImmediate(flood);
        };
        flood();
        return new Promise(() => {});
      },
    },
  },
  observers: {
    bad: {
      observe: () =>
        new (require('rxjs').Observable)((subscriber) => {
          const flood = () => {
            for (let i = 0; i < 500; i++) subscriber.next({ kind: 'point', series: 'flood', x: i, y: i });
            setImmediate(flood);
          };
          flood();
        }),
    },
  },
});

/** The socket to the host, known by what the runner writes to it first. */
let wire;
const { write } = Socket.prototype;
Socket.prototype.write = function (...args) {
  if (/^GET \S*\/plugin /.test(String(args[0]))) wire = this;
  return write.apply(this, args);
};

const packr = new Packr({ useRecords: false });

function pong() {
  const id = randomBytes(8).toString('hex');
  return packr.pack({ v: 1, kind: 'pong', id, from: 'message-flood', at: Date.now(), body: { re: id } });
}

/** A masked binary message; the mask is 0. */
function frame(payload) {
  const head = Buffer.alloc(payload.byteLength < 126 ? 6 : 8);
  head[0] = 0x82;
  head[1] = 0x80 | Math.min(126, payload.byteLength);
  if (payload.byteLength >= 126) head.writeUInt16BE(payload.byteLength, 2);
  return Buffer.concat([head, payload]);
}
