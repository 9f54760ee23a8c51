'use strict';

// Speaks the wire itself: a WebSocket client by hand, so that it can say what our runner never would. It answers the canary well, and
// the next call in the name of another plugin.
const { randomBytes } = require('node:crypto');
const { request } = require('node:http');
const { Packr } = require('msgpackr');

const packr = new Packr({ useRecords: false });
const { ESPALIER_PLUGIN_SOCKET: socketPath, ESPALIER_PLUGIN_TOKEN: token } = process.env;

request({
  socketPath,
  path: '/plugin',
  headers: {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    Authorization: `Bearer ${token}`,
  },
})
  .on('upgrade', (_response, socket, head) => serve(socket, head))
  .end();

function serve(socket, head) {
  const say = (bytes) => socket.write(frame(bytes));
  const control = (from, kind, body) =>
    say(packr.pack({ v: 1, kind, id: randomBytes(8).toString('hex'), from, at: Date.now(), body }));
  control('forged-sender', 'plugin.hello', {
    protocols: [1],
    name: 'forged-sender',
    version: '1.0.0',
    host: '^1.0.0',
    contributions: [{ kind: 'criterion', name: 'bad', needs: ['weights'] }],
  });
  const onMessage = (bytes) => {
    const message = packr.unpack(bytes);
    if (!Array.isArray(message)) return;
    const [{ call, input }, tensors] = message;
    if (input.name !== 'canary') {
      return control('good', 'plugin.error', { call, code: 'PLUGIN_THREW', message: 'in another name' });
    }
    const scores = new Float32Array(new Uint8Array(tensors).buffer).map(Math.abs);
    say(answer(call, new Uint8Array(scores.buffer)));
  };
  let received = Buffer.from(head);
  const take = (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (let parsed = parse(received); parsed; parsed = parse(received)) {
      received = received.subarray(parsed.end);
      onMessage(parsed.payload);
    }
  };
  take(Buffer.alloc(0));
  socket.on('data', take);
  socket.on('close', () => process.exit(0));
}

/** `[header, bytes]`, the bytes from a multiple of 8 on. */
function answer(call, bytes) {
  const tensors = [{ role: 'scores', dtype: 'float32', shape: [bytes.byteLength / 4] }];
  const header = { kind: 'plugin.answer', call, value: {}, tensors, total: bytes.byteLength };
  const bare = packr.pack({ ...header, pad: Buffer.alloc(0) }).byteLength;
  const packed = packr.pack({ ...header, pad: Buffer.alloc((8 - ((6 + bare) % 8)) % 8) });
  const length = Buffer.from([0xc6, 0, 0, 0, 0]);
  length.writeUInt32BE(bytes.byteLength, 1);
  return Buffer.concat([Buffer.from([0x92]), packed, length, bytes]);
}

/** A masked binary message; the mask is 0. */
function frame(payload) {
  const head = Buffer.alloc(payload.byteLength < 126 ? 6 : 8);
  head[0] = 0x82;
  head[1] = 0x80 | Math.min(126, payload.byteLength);
  if (payload.byteLength >= 126) head.writeUInt16BE(payload.byteLength, 2);
  return Buffer.concat([head, payload]);
}

/** The first message of the server's in `bytes`, if it is whole. */
function parse(bytes) {
  if (bytes.byteLength < 2) return undefined;
  const short = bytes[1] & 0x7f;
  const start = short === 126 ? 4 : 2;
  if (bytes.byteLength < start) return undefined;
  const end = start + (short === 126 ? bytes.readUInt16BE(2) : short);
  return bytes.byteLength < end ? undefined : { payload: bytes.subarray(start, end), end };
}
