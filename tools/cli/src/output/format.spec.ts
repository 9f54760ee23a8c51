import { bytes, count, duration, percent, plural, ratio, shape } from './format';

describe('format', () => {
  it('groups whole numbers by thousands', () => {
    expect([0, 999, 1000, 1066440].map(count)).toEqual(['0', '999', '1,000', '1,066,440']);
  });

  it('gives bytes in powers of 1000 with three digits', () => {
    expect([0, 812, 999, 1000, 25400, 999_499, 1_066_440, 240_000_000].map(bytes)).toEqual([
      '0 B',
      '812 B',
      '999 B',
      '1.0 KB',
      '25.4 KB',
      '999 KB',
      '1.1 MB',
      '240 MB',
    ]);
  });

  it('gives shares as percent and ratios as times', () => {
    expect(percent(0.0164)).toBe('1.64 %');
    expect(percent(1, 0)).toBe('100 %');
    expect([12, 35.26, 100.4, Infinity].map(ratio)).toEqual(['12.0x', '35.3x', '100x', '-']);
  });

  it('gives durations in the units that people use', () => {
    expect([0.42, 9.96, 59.4, 59.6, 185, 7800, NaN].map(duration)).toEqual([
      '0.4 s',
      '10 s',
      '59 s',
      '1 min 00 s',
      '3 min 05 s',
      '2 h 10 min',
      '?',
    ]);
  });

  it('names shapes and counts nouns', () => {
    expect([shape([]), shape([784, 300])]).toEqual(['scalar', '784 x 300']);
    expect([plural(1, 'stage'), plural(2, 'stage')]).toEqual(['1 stage', '2 stages']);
  });
});
