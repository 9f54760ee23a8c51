import type { RunLine } from '@espalier/protocol/view';
import { filterRuns } from './filter-runs';

const line = { createdAt: 0, updatedAt: 0, finishedStages: 0, seconds: 0 };
const runs: RunLine[] = [
  { ...line, id: '20261124-aaaa', name: 'Quick', network: 'lenet-300-100', status: 'running' },
  { ...line, id: '20261124-bbbb', name: 'small', network: 'lenet-5', status: 'done' },
  { ...line, id: '20261123-cccc', network: 'lenet-5', status: 'paused' },
];

function ids(text: string, status: Parameters<typeof filterRuns>[1]['status'] = 'all'): string[] {
  return filterRuns(runs, { text, status }).map(({ id }) => id.slice(-4));
}

describe('the list of runs', () => {
  it('is whole without a filter', () => expect(ids('')).toEqual(['aaaa', 'bbbb', 'cccc']));
  it('is searched by name, network and id', () => {
    expect(ids('quick')).toEqual(['aaaa']);
    expect(ids('lenet-5')).toEqual(['bbbb', 'cccc']);
    expect(ids('20261123')).toEqual(['cccc']);
  });
  it('must have every word', () => expect(ids('small lenet-5')).toEqual(['bbbb']));
  it('is filtered by state; a paused run is open', () => {
    expect(ids('', 'done')).toEqual(['bbbb']);
    expect(ids('', 'open')).toEqual(['aaaa', 'cccc']);
  });
});
