import { errorCode } from '@espalier/base';
import fc from 'fast-check';
import { parseManifest } from './manifest';

const D = 'ab'.repeat(32);
const entry = { name: 'fc1/bias', dtype: 'float32', shape: [300], digest: D };
const good = { version: 1, network: null, tensors: [entry], info: {} };
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const codeOf = (bytes: Uint8Array): string | undefined => {
  try {
    parseManifest(bytes, D);
    return undefined;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
};

describe('parseManifest', () => {
  it('rebuilds a good manifest without what does not belong in it', () => {
    expect(parseManifest(encode({ ...good, evil: 1, tensors: [{ ...entry, evil: 1 }] }), D)).toEqual(good);
  });

  it.each([
    ['a newer version', { ...good, version: 2 }],
    ['no tensors', { ...good, tensors: {} }],
    ['a dtype that we do not have', { ...good, tensors: [{ ...entry, dtype: 'float64' }] }],
    ['a shape beyond the limits', { ...good, tensors: [{ ...entry, shape: [2 ** 31, 2 ** 31] }] }],
    ['a negative axis', { ...good, tensors: [{ ...entry, shape: [-1] }] }],
    ['a digest that is a path', { ...good, tensors: [{ ...entry, digest: '../../x' }] }],
    ['a name twice', { ...good, tensors: [entry, entry] }],
    ['names out of order', { ...good, tensors: [entry, { ...entry, name: 'a' }] }],
    ['info that is a list', { ...good, info: [] }],
    ['null', null],
  ])('refuses %s', (_name, value) => {
    expect(codeOf(encode(value))).toBe('STORE_MANIFEST');
  });

  it('throws nothing but STORE_MANIFEST for random bytes and random JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.jsonValue(), (bytes, value) => {
        expect(codeOf(bytes)).toBe('STORE_MANIFEST');
        expect(codeOf(encode(value))).toBe('STORE_MANIFEST');
      }),
    );
  });
});
