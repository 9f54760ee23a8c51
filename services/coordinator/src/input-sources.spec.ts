import type { FinishedRunStage } from './fold-run';
import { inputSources } from './input-sources';

const INPUT = 'a'.repeat(64);
const DATA = 'd'.repeat(64);
const MADE_BY_B = {
  serviceId: 'b',
  result: { outputs: { snapshot: { kind: 'snapshot', digest: INPUT } }, metrics: {} },
} as unknown as FinishedRunStage;
const SPEC = { inputs: { start: { kind: 'snapshot', digest: INPUT } }, data: DATA } as const;
const PEERS = [
  { serviceId: 'a', dataUrl: 'ws://a' },
  { serviceId: 'b', dataUrl: 'ws://b' },
  { serviceId: 'without-a-store' },
];

describe('inputSources', () => {
  it('names for a snapshot its maker first and the submitter last, for the data set the submitter first', () => {
    const sources = inputSources({ finished: [MADE_BY_B], dataUrls: ['ws://cli'] }, SPEC, PEERS);
    expect(sources).toEqual({
      [INPUT]: ['ws://b', 'ws://a', 'ws://cli'],
      [DATA]: ['ws://cli', 'ws://a', 'ws://b'],
    });
  });

  it('names each store once, and at most sixteen for one input', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ serviceId: `${i}`, dataUrl: `ws://${i % 18}` }));
    const sources = inputSources({ finished: [], dataUrls: [] }, SPEC, many);
    expect(sources[INPUT]).toEqual(Array.from({ length: 16 }, (_, i) => `ws://${i}`));
  });
});
