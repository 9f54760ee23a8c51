import { parseOfferedStage } from './stage-runner';

const DIGEST = 'a'.repeat(64);

describe('an offered stage', () => {
  it('is taken as it is: its key is the digest of the whole', () => {
    const spec = { kind: 'prune', inputs: { start: { kind: 'snapshot', digest: DIGEST } }, more: 1 };
    expect(parseOfferedStage(spec)).toEqual(spec);
  });

  it('is refused when its inputs or its data cannot be pulled', () => {
    for (const spec of [
      null,
      [],
      { kind: 1, inputs: {} },
      { kind: 'prune' },
      { kind: 'prune', inputs: { start: { kind: 'file', digest: DIGEST } } },
      { kind: 'prune', inputs: { start: { kind: 'blob', digest: '../../etc/passwd' } } },
      { kind: 'prune', inputs: {}, data: 'x' },
    ]) {
      expect(() => parseOfferedStage(spec)).toThrow(/SERVICE_SPEC/);
    }
  });
});
