import * as fc from 'fast-check';
import { canonicalJson, type JsonValue } from './json';

/** The same value with the keys of every map in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reversed(field)]),
  );
}

describe('canonicalJson', () => {
  it('sorts keys, leaves no spaces and drops what is undefined', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: true, c: undefined }, 10: 0, 9: -0 })).toBe(
      '{"10":0,"9":0,"a":{"d":true},"b":[1,"x",null]}',
    );
  });

  it('gives the same text for any order of keys, and that text means the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as JsonValue);
        expect(canonicalJson(reversed(value) as JsonValue)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('gives different texts for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = canonicalJson(a as JsonValue) === canonicalJson(b as JsonValue);
        expect(same).toBe(
          JSON.stringify(JSON.parse(canonicalJson(a as JsonValue))) ===
            JSON.stringify(JSON.parse(canonicalJson(b as JsonValue))),
        );
      }),
    );
  });

  it.each<[string, unknown]>([
    ['NaN', NaN],
    ['an infinity', [-Infinity]],
    ['undefined in a list', [undefined]],
    ['undefined itself', undefined],
    ['a function', { a: () => 1 }],
    ['a bigint', 1n],
    ['a typed array', { a: Float32Array.of(1) }],
    ['a map', new Map([['a', 1]])],
    ['a date', { at: new Date(0) }],
  ])('refuses %s rather than hash something else', (_, value) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
  });
});
