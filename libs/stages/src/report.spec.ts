import { buildReport } from './report';
import { reportMarkdown } from './report-markdown';
import { exampleRecipe, planAll } from './testing';

const recipe = exampleRecipe();
const finished = planAll(recipe);
const report = buildReport(recipe, finished, {
  runId: 'run',
  artifactPath: 'model.espalier',
  engine: { backend: 'native', version: '2.18.0', threads: 2 },
  stages: finished.map((_, i) => ({ seconds: i, wire: { dense: i, masked: 2 * i, had: 3, overhead: 1 } })),
  artifactError: 0.0151,
});

describe('buildReport', () => {
  it('counts weights without biases, parameters with them, and what is kept in the decoded file', () => {
    expect(report.weights).toEqual({ total: 266200, kept: 300, ratio: 266200 / 300 });
    expect(report.parameters).toEqual({ total: 266610, kept: 330, ratio: 266610 / 330 });
  });

  it('puts the file beside the dense network at 4 bytes a parameter', () => {
    expect(report.artifact).toMatchObject({ bytes: 3200, denseBytes: 1066440, ratio: 1066440 / 3200 });
  });

  it('takes the error that a process with nothing but the file measured', () => {
    expect(report.artifact.error).toBe(0.0151);
    expect(report.final.error).toBe(0.015);
  });

  it('adds the bytes of a layer from its kernel and its bias', () => {
    expect(report.layers.map(({ name, bytes, bits }) => [name, bytes, bits])).toEqual([
      ['fc1', 1050, 3],
      ['fc2', 1050, 3],
      ['fc3', 1050, 3],
    ]);
  });

  it('counts bytes on the wire for each stage: what came, not what was there already', () => {
    expect(report.stages[4]).toMatchObject({ stage: 'retrain 2', wireBytes: 13, seconds: 4 });
  });

  it('marks the round that the run went on with', () => {
    expect(report.rounds.map(({ chosen }) => chosen)).toEqual([false, false, true]);
  });
});

describe('reportMarkdown', () => {
  it('puts the figures beside those of HAN15 and DC16', () => {
    const text = reportMarkdown(report);
    expect(text).toContain('| **this run** |');
    expect(text).toMatch(/HAN15 +\| +1\.64 % +\| +1\.59 %/);
    expect(text).toMatch(/DC16 .*27,000 +\| +40x/);
  });
});
