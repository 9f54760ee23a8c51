import { firstLostStage } from './lost-inputs';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
const made = (digest: string) => ({
  result: { outputs: { snapshot: { kind: 'snapshot', digest } }, metrics: {} } as const,
});
const input = (digest: string) => ({ kind: 'snapshot', digest }) as const;

describe('the first stage to run again', () => {
  it('is the one that made the input', () => {
    expect(firstLostStage({ inputs: { start: input(B) } }, [made(A), made(B)])).toBe(1);
  });

  it('is the earliest of several, and the first of two that made the same', () => {
    const inputs = { start: input(C), teacher: input(A) };
    expect(firstLostStage({ inputs }, [made(A), made(B), made(C)])).toBe(0);
    expect(firstLostStage({ inputs: { start: input(B) } }, [made(A), made(B), made(B)])).toBe(1);
  });

  it('is none when no stage made it', () => {
    expect(firstLostStage({ inputs: {} }, [made(A)])).toBeUndefined();
    expect(firstLostStage({ inputs: { start: input(C) } }, [made(A)])).toBeUndefined();
  });
});
