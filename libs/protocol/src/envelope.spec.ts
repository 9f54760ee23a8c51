import { errorCode } from '@espalier/base';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, decodeMessage, encodeMessage, message, type Message } from './envelope';
import { protocolErrorTable } from './errors';
import { MESSAGES, type MessageBody, type MessageKind } from './messages/catalogue';
import { pack } from './msgpack';

const D = 'ab'.repeat(32);

/** One valid body of each kind. */
const BODIES: { [K in MessageKind]: MessageBody<K> } = {
  hello: {
    protocols: [1],
    service: 'trainer-1',
    roles: ['trainer'],
    engine: { backend: 'native', threads: 2 },
  },
  welcome: { re: 'm1', protocol: 1, hub: 'hub', session: 's1', nowMs: 5, heartbeatMs: 10_000 },
  refuse: { re: 'm1', code: 'PROTOCOL_VERSION', message: 'no', retryable: false },
  ack: { re: 'm1' },
  announce: {
    service: 'trainer-1',
    can: ['train'],
    dataUrl: 'ws://127.0.0.1:5/blobs',
    slots: 1,
    admits: true,
    holds: [D],
  },
  'lease.offer': {
    leaseId: 'l1',
    stage: { kind: 'train', layers: [{ units: 300 }] },
    resultKey: D,
    ttlMs: 30_000,
    sources: { [D]: ['ws://127.0.0.1:5/blobs'] },
  },
  'lease.accept': { re: 'm1', leaseId: 'l1' },
  'lease.renew': { leaseId: 'l1', progress: 0.5, fields: { epoch: 3, loss: 0.25 } },
  'lease.done': {
    leaseId: 'l1',
    resultKey: D,
    snapshots: { output: D },
    result: { error: 0.0151 },
    seconds: 12.5,
    wire: { dense: 1, masked: 2, had: 3, overhead: 4 },
  },
  'lease.failed': { leaseId: 'l1', code: 'ENGINE_DIVERGED', message: 'loss is NaN', retryable: false },
  'lease.cancel': { leaseId: 'l1', reason: 'undo' },
  'criterion.admit': {
    name: 'power',
    options: { power: 2 },
    plugin: { name: '@mine/criteria', version: '1.0.0', digest: D },
  },
  'criterion.admitted': { re: 'm1', needs: ['weights'] },
  event: { seq: 7, at: 5, type: 'stage.progress', fields: { epoch: 1 }, durable: false, series: 'train' },
  subscribe: { run: '*', fromSeq: 1 },
  unsubscribe: { run: '20261124-113005-k3v9' },
  keep: { digests: [D] },
  kept: { re: 'm1', digests: [D] },
  ping: {},
  pong: { re: 'm1' },
  'plugin.hello': {
    protocols: [1],
    name: '@mine/criteria',
    version: '1.0.0',
    host: '^1.0.0',
    contributions: [
      {
        kind: 'criterion',
        name: 'power',
        needs: ['weights'],
        options: { power: { type: 'number', description: 'the exponent', default: 2, exclusiveMinimum: 0 } },
      },
    ],
  },
  'plugin.admitted': { re: 'm1', protocol: 1, host: '1.0.0', windowBytes: 1024, maxAnswerBytes: 1024 },
  'plugin.error': { call: 1, code: 'PLUGIN_THREW', message: 'no' },
  'plugin.credit': { bytes: 1024 },
  'plugin.event': {
    call: 1,
    events: [{ type: 'stage.done', at: 5, seq: 1, fields: { error: 0.1 } }],
    end: true,
  },
  'plugin.publish': { call: 1, name: 'series', observations: [{ kind: 'point', series: 'a', x: 1, y: 2 }] },
  'plugin.leave': { reason: 'done' },
  points: { key: D, seq: 0, series: [{ name: 'loss', x: [1, 2], y: [2.3, 2.25] }] },
  'layer.view': {
    key: D,
    layer: {
      name: 'fc1',
      kind: 'dense',
      shape: [4, 3],
      weights: 12,
      kept: 5,
      picture: { form: 'bits', rows: 4, cols: 3, data: 'Y2BgAAA=' },
      histogram: { from: -0.5, to: 0.5, counts: [1, 0, 4], thresholds: [0.25] },
      codebook: { centroids: [-0.5, 0.5], counts: [2, 3] },
    },
  },
  'service.state': {
    memoryBytes: 120_000_000,
    plugins: [{ name: '@mine/criteria', version: '1.0.0', digest: D, calls: 9, p99Ms: 4.5, restarts: 0 }],
  },
  'view.watch': {
    topics: [
      { kind: 'runs' },
      { kind: 'run', run: 'r1' },
      { kind: 'series', run: 'r1', names: ['loss', 'kept/*'], buckets: 1024 },
    ],
  },
};
const KINDS = Object.keys(MESSAGES) as MessageKind[];

const options = { from: 'trainer-1', run: 'r1', id: 'm1', at: 1_795_000_000_000 };
const sample = (kind: MessageKind): Message => message(kind, BODIES[kind], options) as Message;

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
};

describe('control messages', () => {
  it.each(KINDS)('%s comes back as it was sent', (kind) => {
    expect(decodeMessage(encodeMessage(sample(kind)))).toEqual(sample(kind));
  });

  it('leave out what is undefined', () => {
    const sent = message('event', { type: 'a', fields: { x: undefined, y: 1 } }, { from: 'a' });
    expect(decodeMessage(encodeMessage(sent)).body).toEqual({ type: 'a', fields: { y: 1 } });
  });

  it('are rebuilt: fields that the kind does not have are dropped', () => {
    const bytes = pack({ ...sample('ack'), evil: 1, body: { re: 'm1', evil: 1 } });
    expect(decodeMessage(bytes)).toEqual(sample('ack'));
  });

  it('know which message they answer', () => {
    expect(answers(sample('pong'))).toBe('m1');
    expect(answers(sample('ping'))).toBeUndefined();
  });

  it('of another version are refused with both versions', () => {
    expect(codeOf(() => decodeMessage(pack({ ...sample('ping'), v: 2 })))).toBe('PROTOCOL_VERSION');
  });

  it('of an unknown kind are refused, also when an object has such a property', () => {
    for (const kind of ['nonsense', 'constructor', '__proto__']) {
      expect(codeOf(() => decodeMessage(pack({ ...sample('ping'), kind })))).toBe('PROTOCOL_KIND');
    }
  });

  it('of 64 KiB and more are refused at both ends', () => {
    const big = message('event', { type: 'a', fields: { text: 'x'.repeat(70_000) } }, options);
    expect(codeOf(() => encodeMessage(big))).toBe('PROTOCOL_TOO_LARGE');
    expect(codeOf(() => decodeMessage(pack(big)))).toBe('PROTOCOL_TOO_LARGE');
  });

  it('with something behind them are refused', () => {
    const bytes = encodeMessage(sample('ping'));
    expect(codeOf(() => decodeMessage(Uint8Array.from([...bytes, 0xc0])))).toBe('PROTOCOL_FRAME');
  });

  it('hold no NaN and no typed arrays', () => {
    for (const value of [NaN, Infinity, new Float32Array(2), 1n, () => 1]) {
      const fields = { value } as never;
      expect(codeOf(() => encodeMessage(message('event', { type: 'a', fields }, options)))).toBe(
        'PROTOCOL_BODY',
      );
    }
    expect(
      codeOf(() => decodeMessage(pack({ ...sample('event'), body: { type: 'a', fields: { x: NaN } } }))),
    ).toBe('PROTOCOL_BODY');
  });

  it.each([
    ['an id that climbs out of a folder', { ...sample('ping'), run: '../../etc' }],
    ['no sender', { ...sample('ping'), from: '' }],
    ['a time that is no number', { ...sample('ping'), at: 'now' }],
    ['a body of another kind', { ...sample('hello'), body: BODIES.ack }],
    ['a digest in upper case', { ...sample('keep'), body: { digests: ['AB'.repeat(32)] } }],
    ['more digests than allowed', { ...sample('keep'), body: { digests: new Array(300).fill(D) } }],
    [
      'a data URL that is no WebSocket',
      { ...sample('announce'), body: { ...BODIES.announce, dataUrl: 'http://x' } },
    ],
  ])('with %s are refused', (_name, value) => {
    expect(codeOf(() => decodeMessage(pack(value)))).toBe('PROTOCOL_BODY');
  });

  it('that are random bytes, or valid ones with a byte changed, throw only errors of this protocol', () => {
    const good = KINDS.map((kind) => encodeMessage(sample(kind)));
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(255), (which, at, byte) => {
        const bytes = good[which % good.length].slice();
        bytes[at % bytes.length] = byte;
        const code = codeOf(() => decodeMessage(bytes));
        expect(code === undefined || code in protocolErrorTable).toBe(true);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const code = codeOf(() => decodeMessage(bytes));
        expect(code === undefined || code in protocolErrorTable).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('do not change the prototype of anything', () => {
    const bytes = pack({
      ...sample('event'),
      body: { type: 'a', fields: JSON.parse('{"__proto__": {"polluted": 1}}') },
    });
    codeOf(() => decodeMessage(bytes));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('are each described in the README', () => {
    const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
    for (const kind of KINDS) expect(readme).toContain(`\`${kind}\``);
  });
});
