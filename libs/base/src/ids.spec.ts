import { newId, newRunId, type IdSource } from './ids';

const source = (nowMs: number, byte: number): IdSource => ({
  nowMs: () => nowMs,
  randomBytes: (count) => new Uint8Array(count).map((_, i) => byte + i),
});

describe('newRunId', () => {
  it('is the time in UTC and four letters', () => {
    expect(newRunId(source(Date.UTC(2026, 10, 24, 11, 30, 5), 0))).toBe('20261124-113005-0123');
  });

  it('sorts by time', () => {
    const times = [0, 1, 60_000, 1e12, 1.7e12, 1.7e12 + 1000].map((second) =>
      newRunId(source(second * 1, 255)),
    );
    expect([...times].sort()).toEqual(times);
  });

  it('is safe in file names and URLs', () => {
    for (let byte = 0; byte < 256; byte++)
      expect(newRunId(source(0, byte))).toMatch(/^[0-9]{8}-[0-9]{6}-[0-9a-z]{4}$/);
  });
});

describe('newId', () => {
  it('has 16 letters of 32, none of which is mistaken for another', () => {
    const letters = new Set<string>();
    for (let byte = 0; byte < 256; byte++) for (const letter of newId(source(0, byte))) letters.add(letter);
    expect(letters.size).toBe(32);
    for (const letter of 'ilou') expect(letters.has(letter)).toBe(false);
  });

  it('differs from call to call', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newId())).size).toBe(1000);
  });
});
