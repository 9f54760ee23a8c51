import { errorCode } from '@espalier/base';
import { loadEngine } from '../load-tensorflow';
import { TINY_CONV, bitsOf, tinyOptions, tinySamples } from '../test-support/tiny';
import { evaluateSnapshot, openSession, requireTrainable } from './open-session';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

describe('the WASM engine', () => {
  beforeAll(() => loadEngine({ force: 'wasm' }));

  it('says what it is', async () => {
    const info = await loadEngine();
    expect(info).toMatchObject({ backend: 'wasm', threads: 1, version: '4.22.0' });
    expect(info.fingerprint).toContain('wasm; tfjs 4.22.0');
  });

  it('trains a dense network with every option, to the same bits each time', async () => {
    const initial = await (async () => {
      await using first = await openSession(tinyOptions());
      return first.read();
    })();
    const run = async (): Promise<{ bits: unknown; error: number }> => {
      await using session = await openSession(
        tinyOptions({
          optimizer: adam,
          learningRate: { kind: 'constant', base: 0.01 },
          augment: { shiftPx: 0.5 },
          labelSmoothing: 0.05,
          l1: 1e-5,
          l2: 1e-4,
          distill: { teacher: initial, temperature: 2, weight: 0.1 },
        }),
      );
      await session.train({ untilStep: 60 });
      return { bits: bitsOf(session.read({ slots: true })), error: (await session.evaluate('test')).error };
    };
    const [first, again] = [await run(), await run()];
    expect(again).toEqual(first);
    expect(first.error).toBeLessThan(0.2);
  });

  it('evaluates a convolutional network, and trains it with the convolution frozen', async () => {
    await using session = await openSession(tinyOptions({ network: TINY_CONV, frozen: ['conv1'] }));
    await session.train({ untilStep: 40 });
    const metrics = await evaluateSnapshot({
      network: TINY_CONV,
      snapshot: session.read(),
      samples: tinySamples(20),
    });
    expect(metrics.error).toBeLessThan(0.3);
  });

  it('is known not to train a convolution before a session is opened', async () => {
    const info = await loadEngine();
    expect(() => requireTrainable(TINY_CONV, info)).toThrow('ENGINE_WASM_CONV');
    expect(() => requireTrainable(TINY_CONV, info, ['conv1'])).not.toThrow();
    expect(() => requireTrainable(TINY_CONV, { backend: 'native' })).not.toThrow();
  });

  it('refuses to train a convolution, and to become the native engine', async () => {
    const code = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, errorCode);
    expect(await code(openSession(tinyOptions({ network: TINY_CONV })))).toBe('ENGINE_WASM_CONV');
    expect(await code(openSession(tinyOptions({ executor: 'sparse' })))).toBe('ENGINE_OPTION');
    await using automatic = await openSession(tinyOptions({ executor: 'auto' }));
    await automatic.train({ untilStep: 1 });
    expect(automatic.step).toBe(1);
    expect(await code(openSession(tinyOptions({ executor: 'compiled' })))).toBe('ENGINE_OPTION');
    expect(await code(loadEngine({ force: 'native' }))).toBe('ENGINE_LOADED');
  });
});
