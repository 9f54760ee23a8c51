import { networkByName } from '@espalier/models';
import { artifactReport, artifactText } from './artifact-report';

const SUMMARIES = [
  { name: 'fc1/kernel', shape: [784, 300], coding: 'arithmetic', bytes: 4000, levels: 8, kept: 5000 },
  { name: 'fc1/bias', shape: [300], coding: 'dense16', bytes: 600, levels: 0, kept: 300 },
] as const;

describe('artifact report', () => {
  const artifact = {
    version: 1,
    network: networkByName('lenet-300-100'),
    tensors: new Map(),
    shared: new Map(),
    summaries: SUMMARIES,
    headerBytes: 40,
  };
  const report = artifactReport(new Uint8Array(4640), artifact);

  it('counts weights without biases, parameters with them, and the dense size of both', () => {
    expect(report.weights).toEqual({ total: 235_200, kept: 5000 });
    expect(report.parameters).toEqual({ total: 235_500, kept: 5300 });
    expect(report.denseBytes).toBe(942_000);
    expect(report.ratio).toBeCloseTo(203.02, 2);
  });

  it('gives the bits of a code where there is a codebook', () => {
    expect(report.tensors.map(({ bits }) => bits)).toEqual([3, null]);
  });

  it("says the file's version of the format, which need not be that of the program", () => {
    expect(report.version).toBe(1);
    expect(artifactText(report)).toContain('espalier 1, checksum ok');
  });

  it('has a line a tensor and the totals of the file', () => {
    const text = artifactText(report);
    expect(text).toContain('fc1/kernel  784 x 300  235,200  5,000    2.13 %  arithmetic     3  4,000');
    expect(text).toContain('942,000 bytes as float32, of the shrunk network: 203x larger');
    expect(text).toMatch(/total +235,500 +5,300 +2\.25 % +4,640/);
  });
});
