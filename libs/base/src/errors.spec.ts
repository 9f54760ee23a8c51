import { EspalierError, defineErrors, errorCode, errorMessage } from './errors';

const makeError = defineErrors({
  TEA_COLD: { message: 'the tea of {who} has {degrees} degrees; {what} it again.', retryable: true },
  TEA_SPILT: { message: 'the tea is gone.' },
});

describe('defineErrors', () => {
  it('fills the message, and keeps code, details, cause and whether to retry', () => {
    const cause = new Error('draught');
    const error = makeError('TEA_COLD', { who: 'Ada', degrees: 12, what: 'heat' }, { cause });
    expect(error).toBeInstanceOf(EspalierError);
    expect(error.message).toBe('TEA_COLD: the tea of Ada has 12 degrees; heat it again.');
    expect(error).toMatchObject({ code: 'TEA_COLD', retryable: true, cause, details: { degrees: 12 } });
    expect(makeError('TEA_SPILT').retryable).toBe(false);
  });

  it('leaves a placeholder standing that has no value, even one that every object has', () => {
    expect(makeError('TEA_COLD', { who: '{what}' }).message).toContain(
      'the tea of {what} has {degrees} degrees',
    );
    expect(defineErrors({ A: { message: '{constructor}' } })('A').message).toBe('A: {constructor}');
  });
});

describe('errorCode', () => {
  it('reads the code of anything, from other processes too', () => {
    expect(errorCode(makeError('TEA_SPILT'))).toBe('TEA_SPILT');
    expect(errorCode(JSON.parse('{"code":"ENOENT"}'))).toBe('ENOENT');
    for (const thrown of [undefined, null, 'x', 7, {}, { code: 7 }])
      expect(errorCode(thrown)).toBeUndefined();
  });
});

describe('errorMessage', () => {
  it('is what a person should read, whatever was thrown', () => {
    expect(errorMessage(makeError('TEA_SPILT'))).toBe('TEA_SPILT: the tea is gone.');
    expect(errorMessage({ message: 'plain' })).toBe('plain');
    expect(errorMessage('text')).toBe('text');
    expect(errorMessage(undefined)).toBe('undefined');
  });
});
