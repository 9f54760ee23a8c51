import { fileBenchText, type FileBenchReport } from './file-bench-report';

const report: FileBenchReport = {
  file: 'model.espalier',
  network: 'lenet-300-100',
  weights: 266200,
  kept: 7266,
  data: '10,000 test images of mnist',
  batches: [1, 64],
  rows: [
    { runtime: 'Espalier', threads: 1, bytes: 7651, error: 0.0144, us: { 1: 3.34, 64: 900 } },
    { runtime: 'TensorFlow', threads: 2, bytes: 1064800, error: null, us: { 1: 120, 64: 450 } },
  ],
  answers: {
    1: { compared: 10000, differing: 0, largestDifference: 2.6e-7 },
    64: { compared: 10000, differing: 2, largestDifference: 0.01 },
  },
  machine: 'a machine',
};

describe('the report on a file', () => {
  const lines = fileBenchText(report).split('\n');

  it('puts size, error and latency of each runtime into a line', () => {
    expect(lines.filter((line) => /^(Espalier|TensorFlow) /.test(line))).toEqual([
      'Espalier          1      7,651  1.44 %          3.3           900',
      'TensorFlow        2  1,064,800       -          120           450',
    ]);
  });

  it('says where sparse wins and where it loses', () => {
    expect(lines).toContain('size: 7.7 KB for 1.1 MB as float32, 139x smaller');
    expect(lines).toContain('batch 1: 35.9x faster than TensorFlow');
    expect(lines).toContain('batch 64: 2.0x slower than TensorFlow');
  });

  it('says whether the answers are the same', () => {
    expect(lines).toContain(
      'answers, batch 1: the same as TensorFlow on all 10,000 images; logits differ by 2.6e-7 of the largest',
    );
    expect(lines).toContain(
      'answers, batch 64: other than TensorFlow on 2 of 10,000 images; logits differ by 1.0e-2 of the largest',
    );
  });
});
