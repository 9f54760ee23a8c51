import type { DashboardResults } from '../dashboard/results';
import { dashboardGoals } from './dashboard-goals';
import { dashboardTable } from './dashboard-table';

const taken = {
  circumstances: {
    date: '2026-11-30',
    command: 'espalier bench dashboard',
    code: { commit: 'c', dirty: false },
    node: 'v20.20.2',
    machine: { cpu: 'CPU', cores: 2, memoryGiB: 24, os: 'Linux' },
  },
  load: [0.1, 0.2] as const,
};

const results = {
  version: 1,
  bench: 'dashboard',
  ...taken,
  taken: { viewers: taken, stream: { ...taken, load: [3, 4] } },
  viewers: {
    recipe: 'recipes/quick.yaml',
    viewers: 100,
    neverRead: 5,
    pairs: [{ withMs: 2.1, withoutMs: 2 }],
    ratio: 1.05,
    mostQueuedBytes: 2048,
    pinned: true,
  },
  stream: {
    series: 2000,
    minutes: 10,
    values: 10_000_000,
    perMinute: 1_000_000,
    buckets: 900_000,
    wrong: 1,
    residentMiB: [100, 160, 165],
    page: { series: 2000, heapMiB: [9, 20.1, 25.1] },
    cpuShare: 0.25,
    stalled: { viewers: 5, right: 5 },
    mostQueuedBytes: 300 * 1024,
    viewerBytesPerSecond: 1e6,
  },
} satisfies DashboardResults;

describe('the table of the dashboard', () => {
  it('says what was measured', () => {
    const table = dashboardTable(results);
    for (const said of [
      '+5.0 %',
      '1 of 900,000',
      '160 to 165 MiB',
      '20.1 to 25.1 MiB',
      '25 % of a core',
      '5 of 5; at most 300 KiB',
      'viewers at c, 2026-11-30, load 0.1 and 0.2; stream at c, 2026-11-30, load 3.0 and 4.0.',
    ]) {
      expect(table).toContain(said);
    }
  });

  it('leaves out what was not measured', () => {
    expect(dashboardTable({ ...results, viewers: undefined })).not.toContain('never read');
  });
});

describe('goals of the dashboard', () => {
  it('are met at their limits, and missed with one extreme that is lost', () => {
    expect(dashboardGoals(results).map(({ met }) => met)).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
  });
});
