import { seedResult, seedsResults } from '../testing';
import { otherDataTable } from './other-data-table';

const seeds = { 'lenet-300-100': seedsResults([seedResult()]) };
const otherData = {
  version: 1,
  bench: 'other-data',
  circumstances: seeds['lenet-300-100'].circumstances,
  data: { name: 'Fashion-MNIST', source: 'a package', sha256: [] },
  runs: [
    {
      name: 'lenet-300-100',
      network: 'lenet-300-100',
      result: seedResult({ measured: { ...seedResult().measured, error: 0.1234 } }),
    },
    { name: 'mine', network: 'lenet-300-100', result: seedResult({ seconds: undefined }) },
  ],
} as const;

describe('the table of other data', () => {
  it('puts the error there beside that on MNIST, where it was measured', () => {
    const lines = otherDataTable({ otherData, seeds }).split('\n');
    expect(lines[2]).toMatch(/`lenet-300-100` .*0\.90 % .*12\.34 % .*9,000 .*118\.5x .*100 .*1\.55 % \|$/);
    expect(lines[3]).toMatch(/`mine` .*1\.55 % .*118\.5x \|\s+\|\s+\|$/);
  });

  it('says which command measures it, before it was', () => {
    expect(otherDataTable({ seeds: {} })).toContain('espalier bench other-data');
  });
});
