import type { InferenceCaseResults, InferenceResults } from '../inference/results';
import { seedResult, seedsResults } from '../testing';
import { inferenceGoals } from './inference-goals';
import { kmeansGoals, sizeGoals } from './size-goals';

const { circumstances } = seedsResults([seedResult()]);

function network(name: string, us: Readonly<Record<'espalier' | 'onnxruntime-node', number>>) {
  const rows = (['espalier', 'onnxruntime-node'] as const).flatMap((runtime) =>
    // The larger batch is not judged.
    [1, 64].map((batch) => ({
      runtime,
      version: '1',
      threads: 1,
      batch,
      us: batch === 1 ? us[runtime] : 1,
      difference: 0,
    })),
  );
  const answers = { compared: 10_000, differing: 2, largestDifference: 1e-7 };
  const made: InferenceCaseResults = {
    name,
    inputs: 'noise',
    weights: 100,
    kept: 8,
    createMs: 1,
    plan: [],
    answers,
    rows,
  };
  return made;
}

describe('goals of inference', () => {
  it('judge one image at a time, beside the peers, and other answers', () => {
    const results: InferenceResults = {
      version: 1,
      bench: 'inference',
      circumstances,
      load: [0, 0],
      rounds: 1,
      secondsEach: 1,
      cases: [
        network('lenet-300-100', { espalier: 16, 'onnxruntime-node': 20 }),
        network('alexnet-fc6-fc8', { espalier: 10, 'onnxruntime-node': 39 }),
      ],
    };
    const [, threaded] = results.cases;
    const faster = { ...threaded, rows: [...threaded.rows, { ...threaded.rows[0], threads: 2, us: 6 }] };
    expect(inferenceGoals({ ...results, cases: [faster] })).toMatchObject([
      { measured: '6.5x on 2 threads (3.9x on one), it on 1', met: true },
      {},
    ]);
    expect(inferenceGoals(results).map(({ measured, met }) => [measured, met])).toEqual([
      ['16.0 us', false],
      ['1.3x faster', true],
      ['3.9x', false],
      ['2', false],
      ['2', false],
    ]);
  });
});

describe('goals of size', () => {
  it("judge the process with the most memory, VGG-16's seconds and k-means of 10^8 weights", () => {
    const vgg = {
      network: 'vgg-16',
      weights: 1,
      kept: 1,
      denseBytes: 1,
      bytes: 1,
      dc16Bytes: 1,
      paperCodingBytes: 1,
      stages: [{ stage: 'encode', seconds: 61, wireBytes: 0 }],
      runSeconds: 1,
      decodeSeconds: 20,
      peakBytes: { trainer: 1.608e9, cli: 1e9 },
      limitBytes: 1.607e9,
      distortion: 0,
    };
    const goals = sizeGoals({ version: 1, bench: 'size', circumstances, networks: [vgg] });
    expect(goals.map(({ what, measured, met }) => [what, measured, met])).toEqual([
      ['vgg-16: most memory of a process (trainer)', '1608 MB', false],
      ['vgg-16 encoded', '61.0 s', false],
      ['vgg-16 decoded', '20.0 s', true],
    ]);
    const row = { weights: 1e8, cpuSeconds: 4, seconds: 5, memoryBytes: 1 };
    const rows = [{ ...row, weights: 1e7, seconds: 30 }, row];
    const kmeans = kmeansGoals({ version: 1, bench: 'kmeans', circumstances, bits: 5, rounds: 1, rows });
    expect(kmeans.map(({ measured, met }) => [measured, met])).toEqual([['5.0 s', true]]);
  });
});
