import { seedResult, seedsResults } from '../testing';
import type { AllResults } from './all-results';
import { tableWriters } from './table-writers';

const ours = seedsResults([seedResult()]);
const results: AllResults = { seeds: { 'lenet-300-100': ours, 'lenet-300-100-paper': ours } };

describe('tableWriters', () => {
  it('say which command measures what is missing', () => {
    const texts = Object.values(tableWriters({ seeds: {} })).map((write) => write());
    for (const text of texts)
      expect(text).toMatch(/^_(Not measured yet; `espalier bench |Nothing measured yet)/);
  });

  it('put our figures beside those of HAN15 and DC16', () => {
    const lines = tableWriters(results)['results']().split('\n');
    expect(lines[2]).toMatch(/LeNet-300-100 .*0\.90 % .* 1\.55 % .* 20,000 .* 13\.3x .* 9,000 .* 118\.5x/);
    expect(lines.some((line) => /HAN15 .*1\.64 % .*1\.59 % .*12x/.test(line))).toBe(true);
    expect(lines.some((line) => /DC16 .*27,000 .*40x/.test(line))).toBe(true);
  });

  it('say plainly which goal is missed', () => {
    const text = tableWriters(results)['goals']();
    expect(text).toMatch(/LeNet-300-100: smaller file .*118\.5x .* met/);
    expect(text).toMatch(/LeNet-300-100: fewer weights .*35x .*13\.3x .*\*\*missed\*\*/);
  });

  it('have the recipes for the smallest files, with goals of their own', () => {
    const smallest = { ...ours, recipe: { ...ours.recipe, name: 'lenet-300-100-smallest' } };
    const writers = tableWriters({ seeds: { 'lenet-300-100-smallest': smallest } });
    expect(writers['results']()).toMatch(/LeNet-300-100 \| +`lenet-300-100-smallest` .*118\.5x/);
    const goals = writers['goals']();
    expect(goals).toMatch(/smallest, 1 seeds: error of the file .*at most 1\.55 % .*1\.550 % .* met/);
    expect(goals).toMatch(/smallest: smaller file .*at least 250x .*118\.5x .*\*\*missed\*\*/);
    expect(goals).toMatch(/smallest: from scratch to the file, slowest seed .*15 min .*1\.7 min .* met/);
  });

  it('say whether kills and namespaces left the artifact as it was', () => {
    const circumstances = ours.circumstances;
    const killed = [{ process: 'trainer', stage: 'train', offered: 2, done: 1 }];
    const calm = { what: 'undisturbed', exitCode: 0, seconds: 20, digest: 'a', killed: [] };
    const text = tableWriters({
      seeds: {},
      kill: {
        version: 1,
        bench: 'kill',
        circumstances,
        recipe: 'recipes/quick.yaml',
        runs: [calm, { ...calm, what: 'all killed', killed }],
        same: true,
      },
      namespaces: {
        version: 1,
        bench: 'namespaces',
        circumstances,
        recipe: 'recipes/quick.yaml',
        sentBytes: { trainer: 1 },
        digests: { overTheWire: 'a', inOneProcess: 'b' },
        same: false,
      },
    })['goals']();
    expect(text).toMatch(/kill -9 of 1 processes.* the same artifact .* the same .* met/);
    expect(text).toMatch(/namespace of its own .* the same artifact .* another .*\*\*missed\*\*/);
  });

  it('say whether every program decodes a file to the same weights', () => {
    const { circumstances } = ours;
    const programs = ['Node 20.20.2', 'Chromium 156.0.1', 'Chromium 156.0.1, without WebAssembly'];
    const file = {
      file: 'model.espalier',
      bytes: 4000,
      tensors: [],
      digests: { 'Node 20.20.2': 'abc' },
      differences: [{ program: programs[1], tensors: ['fc1/kernel'] }],
    };
    const writers = tableWriters({
      seeds: {},
      decodeIdentity: {
        version: 1,
        bench: 'decode-identity',
        circumstances,
        programs: programs.map((program) => ({ program, engine: 'V8' })),
        files: [file],
        same: false,
      },
    });
    expect(writers['goals']()).toMatch(
      /1 files, decoded by Node 20, Chromium 156 .* different .*\*\*missed\*\*/,
    );
    expect(writers['decode-identity']()).toMatch(/model.espalier .*4,000 .*`abc` .*Chromium 156.0.1 \|/);
  });

  it('take kept shares of the dense layer, whatever was shrunk', () => {
    const text = tableWriters(results)['kept-share-lenet-300-100']();
    expect(text).toMatch(/fc1 .*235,200 .*8 % .*7\.2 %/);
    expect(text).toMatch(/total .*266,200 .*8 % .*7\.5 %/);
  });
});
