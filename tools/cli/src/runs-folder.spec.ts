import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderBytes, runsFolder } from './runs-folder';

describe('runs folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'espalier-runs-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function addRun(id: string): void {
    mkdirSync(join(root, id));
    writeFileSync(join(root, id, 'events.jsonl'), '12345');
  }

  it('lists the folders that hold a log, oldest first', () => {
    for (const id of ['20261124-120000-bbbb', '20261123-120000-aaaa']) addRun(id);
    mkdirSync(join(root, '.store'));
    mkdirSync(join(root, 'something-else'));
    expect(runsFolder(root).ids()).toEqual(['20261123-120000-aaaa', '20261124-120000-bbbb']);
    expect(folderBytes(root)).toBe(10);
    expect(runsFolder(join(root, 'nowhere')).ids()).toEqual([]);
  });

  it('finds a run by a unique part of its id, and the last one by that word', () => {
    for (const id of ['20261123-120000-aaaa', '20261124-120000-bbbb']) addRun(id);
    const folder = runsFolder(root);
    expect(['20261123', 'bbbb', 'last', '20261124-120000-bbbb'].map((name) => folder.find(name))).toEqual([
      '20261123-120000-aaaa',
      '20261124-120000-bbbb',
      '20261124-120000-bbbb',
      '20261124-120000-bbbb',
    ]);
    for (const wrong of ['2026', 'x', '']) expect(() => folder.find(wrong)).toThrow(/CLI_RUN_UNKNOWN/);
  });
});
