import { seedResult } from '../testing';
import { frontierTable } from '../tables/frontier-table';
import { seedsResults } from '../testing';
import { frontierChart } from './chart';
import { PUBLISHED_POINTS } from './published';
import { frontierRun, type FrontierNetwork, type FrontierResults } from './results';

const run = frontierRun(seedResult({ report: { ...seedResult().report, stages: [] } }), 'd', []);
const network: FrontierNetwork = {
  title: 'LeNet <300>',
  network: 'lenet-300-100',
  weights: 266_200,
  denseBytes: 1_066_440,
  points: [
    { name: 'small', recipe: 'a.yaml', sets: [], levels: '12', runs: [{ ...run, bytes: 3000, kept: 3500 }] },
    {
      name: 'large',
      recipe: 'a.yaml',
      sets: [],
      levels: '16',
      runs: [run, { ...run, seed: 2, error: 0.0145 }],
    },
  ],
};
const results: FrontierResults = {
  version: 1,
  bench: 'frontier',
  circumstances: seedsResults([seedResult()]).circumstances,
  sweep: { file: 'recipes/frontier.yaml', seeds: [1, 2] },
  networks: [network],
};
const published = PUBLISHED_POINTS['lenet-300-100'];

describe('the picture of the frontier', () => {
  const svg = frontierChart(results);

  it('has a mark for every run and every published point', () => {
    // Each run is in both panels; one more mark of each kind is in the legend.
    expect(svg.match(/class="blue mark"/g)).toHaveLength(2 * 3 + 1);
    expect(svg.match(/class="vermilion mark"/g)).toHaveLength(published.length + 1);
    for (const { method, ratio } of published) expect(svg).toContain(`>${method} ${ratio}x</text>`);
  });

  it('joins the means of our points from the largest file to the smallest', () => {
    const curves = [...svg.matchAll(/<path d="M([^"]+)" class="blue-line" stroke-width="2"\/>/g)]
      .map(([, path]) => path.split('L').map((point) => Number(point.split(' ')[0])))
      .filter((xs) => xs.length > 1);
    expect(curves).toHaveLength(2);
    for (const [large, small] of curves) expect(small).toBeGreaterThan(large);
  });

  it('is well-formed: names are escaped, and no coordinate is missing', () => {
    expect(svg).toContain('LeNet &lt;300&gt;');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows a ratio whose error is not known as a line', () => {
    const lenet5 = { ...network, network: 'lenet-5', denseBytes: 1_724_320, weights: 430_500 };
    const svg = frontierChart({ networks: [lenet5] });
    expect(svg.match(/stroke-dasharray="2 3"/g)).toHaveLength(1);
    expect(svg).toContain('>AutoPrune 310x, error not given</text>');
  });
});

describe('the table of the frontier', () => {
  it('has every point and every published one, files by size, and says how they were made', () => {
    const text = frontierTable(results);
    const rows = text.split('\n').filter((line) => /^\| LeNet/.test(line));
    expect(rows).toHaveLength(network.points.length + published.length);
    const by = rows.map((row) => row.split('|')[2].trim());
    expect(by).toEqual(['Deep Compression', '`large`', 'EPR', '`small`', 'HAN15', 'GSM', 'SparseVD']);
    expect(text).toMatch(/`large` .*1\.50 % \(1\.45 to 1\.55\)/);
    expect(text).toMatch(/Deep Compression .*26,661 .*40x .*1\.58 %/);
    expect(text).toContain('2 seeds each');
    expect(text).toContain('none is left out');
  });
});
