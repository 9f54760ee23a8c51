import { byteCount, gather, wholeNumber } from './parse';

describe('option values', () => {
  it('takes whole numbers from the least that is allowed', () => {
    expect(wholeNumber('--threads', 1)('2')).toBe(2);
    for (const wrong of ['0', '1.5', '', ' ', 'two', '-1']) {
      expect(() => wholeNumber('--threads', 1)(wrong)).toThrow(/CLI_OPTION: option --threads got/);
    }
  });

  it('takes sizes in powers of 1000', () => {
    expect(['1000', '500M', '2.5 GB', '1t', '7b'].map(byteCount('--max-bytes'))).toEqual([
      1000, 5e8, 2.5e9, 1e12, 7,
    ]);
    for (const wrong of ['', 'M', '-5', '1 XB', '0x10']) {
      expect(() => byteCount('--max-bytes')(wrong)).toThrow(/CLI_OPTION/);
    }
  });

  it('gathers an option that is given several times, in order', () => {
    expect(gather('b', gather('a'))).toEqual(['a', 'b']);
  });
});
