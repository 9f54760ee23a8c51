import { CODERS, type Coder, type CoderRow } from '../coder/lossless';
import type { CoderNetworkResults, CoderResults } from '../coder/results';
import { seedResult, seedsResults } from '../testing';
import { coderGoals } from './coder-goals';
import { coderTable } from './coder-table';
import { curvesSvg } from '../coder/curves-svg';

const row = (bytes: number): CoderRow => ({ bytes, encodeSeconds: 0.1, decodeSeconds: 0.05 });

function network(espalier: number, worst: number): CoderNetworkResults {
  const rows = Object.fromEntries(CODERS.map((coder) => [coder, row(1000)])) as Record<Coder, CoderRow>;
  const points = [1, 5].map((bits) => ({ bytes: bits, bits, dB: -4 * bits, how: '', error: 0.02 }));
  return {
    name: 'lenet <1>',
    what: 'trained',
    leNet: true,
    taken: { circumstances: seedsResults([seedResult()]).circumstances, load: [0, 0] },
    lossless: [
      { seed: 1, weights: 9000, kept: 800, rows: { ...rows, espalier: row(espalier) }, testError: 0.02 },
    ],
    rateDistortion: {
      seed: 1,
      kept: 800,
      espalier: points,
      nncodec: points.map((point) => ({ ...point, bits: point.bits + 1 })),
      goal: {
        points: 3,
        worst,
        mean: worst - 0.05,
        worstAtBits: 4,
        testError: { points: 2, mean: -0.02, worst: 0.001, worstAtBits: 5 },
      },
    },
  };
}

const results = (...networks: readonly CoderNetworkResults[]): CoderResults => ({
  version: 1,
  bench: 'coder',
  circumstances: seedsResults([seedResult()]).circumstances,
  load: [0, 0],
  quick: false,
  networks,
});

describe('the tables of the bench coder', () => {
  it('say how many bytes fewer we need than each, and how far below the curve we are', () => {
    const text = coderTable(results(network(930, 0.96)));
    expect(text).toMatch(/lenet <1> .*\| +1 \| +9\.30 \| +930 \| +1,000 \(7\.0 %\)/);
    expect(text).toMatch(/-9\.0 %, -4\.0 % at 4\.0 bits .*-2\.00, \+0\.10 at 5\.0 bits/);
  });

  it('judge the goals by the worst network, and say by how much one is missed', () => {
    const goals = coderGoals(results(network(930, 0.96), network(970, 1.02)));
    expect(goals.map(({ met }) => met)).toEqual([true, false, false]);
    expect(goals[1].measured).toMatch(/at least 3\.00 % fewer .* single seeds at least 3\.0 %/);
    expect(goals[2].measured).toMatch(/^2\.0 % above/);
    expect(coderGoals(results(network(930, 0.96))).every(({ met }) => met)).toBe(true);
  });

  it('judge the LeNets by the means of their seeds, and speed by large layers', () => {
    const { lossless, ...rest } = network(940, 0.96);
    const [first] = lossless;
    const second = { ...first, rows: { ...first.rows, espalier: row(954) } };
    const [, leNets] = coderGoals(results({ ...rest, lossless: [first, second] }));
    expect(leNets).toMatchObject({
      met: true,
      measured: expect.stringContaining('at least 5.30 %') as string,
    });
    const large = { ...rest, leNet: false, lossless: [{ ...first, weights: 2 ** 24 }] };
    const speed = coderGoals(results(large)).find(({ goal }) => goal === 'at least 20 MB/s');
    expect(speed).toMatchObject({ measured: '671 and 1342 MB/s', met: true });
  });

  it('draw one curve a coder in a panel for squared error and one for test error', () => {
    const svg = curvesSvg(results(network(930, 0.96)));
    expect(svg.match(/stroke-width="1\.5"/g)).toHaveLength(4);
    expect(svg).toContain('lenet &lt;1&gt;');
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
