// Watches the runs of a coordinator, and the loss of the latest: `node watch-runs.mjs 'http://127.0.0.1:7000/#token=...'`.
// Needs the npm packages ws and msgpackr, and nothing of Espalier.
import { randomUUID } from 'node:crypto';
import { unpack, Packr } from 'msgpackr';
import { WebSocket } from 'ws';

const { origin, hash } = new URL(process.argv[2]);
const token = hash.replace('#token=', '');
const packr = new Packr({ useRecords: false });

/** Buckets of each series: [x, min, max, last]. */
let series = new Map();
let watched;

function connect() {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/view`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const watch = (topics) => {
    const body = { topics };
    socket.send(
      packr.pack({ v: 1, kind: 'view.watch', id: randomUUID(), from: 'example', at: Date.now(), body }),
    );
  };
  socket.on('open', () => {
    // A new connection starts from nothing.
    series = new Map();
    watched = undefined;
    watch([{ kind: 'runs' }]);
  });
  socket.on('message', (frame) => {
    const message = unpack(frame);
    // Control messages are maps: the welcome.
    if (!Array.isArray(message)) return;
    const [header, bytes] = message;
    if (header.kind === 'view.state' && header.topic === 'runs') {
      const [latest] = JSON.parse(new TextDecoder().decode(bytes));
      if (!latest) return;
      console.log(`${latest.id} ${latest.status} ${latest.stage ?? ''}`);
      if (latest.id !== watched) {
        watched = latest.id;
        watch([{ kind: 'runs' }, { kind: 'series', run: watched, names: ['loss'], buckets: 512 }]);
      }
    } else if (header.kind === 'view.series') {
      takeSeries(header.parts, bytes);
      const [x, , , loss] = series.get('loss')?.findLast(([, , , last]) => !Number.isNaN(last)) ?? [];
      if (x !== undefined) console.log(`step ${x}: loss ${loss}`);
    } else if (header.kind === 'view.refused') {
      console.log(`${header.topic}: ${header.message}`);
    }
  });
  socket.on('error', () => undefined);
  // The coordinator may be started again: what it knows comes again, whole.
  socket.on('close', () => setTimeout(connect, 1000));
}

/** Each part: so many buckets are kept of what was there, the new ones follow as four columns. */
function takeSeries(parts, bytes) {
  // The message need not lie at a multiple of 8 in memory.
  const values = new Float64Array(new Uint8Array(bytes).buffer);
  let at = 0;
  for (const { name, reset, from, count } of parts) {
    const kept = reset ? [] : series.get(name).slice(0, from);
    for (let i = 0; i < count; i++) kept.push([0, 1, 2, 3].map((column) => values[at + column * count + i]));
    at += 4 * count;
    series.set(name, kept);
  }
}

connect();
