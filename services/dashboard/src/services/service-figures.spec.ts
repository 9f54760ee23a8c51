import { engineText, isQuiet } from './service-figures';

it('an engine is named with its version and threads', () => {
  expect(engineText({ backend: 'native', version: '2.18.0', threads: 2, fingerprint: 'x' })).toBe(
    'native 2.18.0, 2 threads',
  );
  expect(engineText({ backend: 'wasm', threads: 1 })).toBe('wasm, 1 thread');
  expect([engineText(undefined), engineText({}), engineText([])]).toEqual(['none', 'none', 'none']);
});

it('a service that says nothing for long is quiet', () => {
  expect([isQuiet({ heartbeatAt: 0 }, 15_000), isQuiet({ heartbeatAt: 0 }, 15_001)]).toEqual([false, true]);
});
