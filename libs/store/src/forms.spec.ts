import { errorCode } from '@espalier/base';
import { encodeForm, float32, tensor, tensorBytes, type Tensor, type TensorForm } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobStore } from './blob-store';
import { openForm, type FormReader, type FormSubject } from './form-reader';
import { decodeMaskedFile, encodeMaskedFile } from './masked-file';
import { findPartial, PartialBlob, putForm } from './partial-blob';
import { tempFolder } from './testing/temp-folder';

/** `size` elements, of which every `every`-th is kept; a -0 is among them. */
function sparse(size: number, every: number): Tensor {
  const data = Float32Array.from({ length: size }, (_, i) =>
    i % every === 0 ? (i === every ? -0 : i + 0.5) : 0,
  );
  return float32([size], data);
}

const subjectOf = (value: Tensor): FormSubject => ({
  digest: sha256(tensorBytes(value)),
  dtype: value.dtype,
  shape: value.shape,
});

async function storeWith(folder: string, value: Tensor): Promise<BlobStore> {
  const store = await BlobStore.open(folder);
  await store.put(tensorBytes(value));
  return store;
}

describe('masked files', () => {
  // Around the step of 262,144 elements, and where the bitmap ends within a byte.
  it.each([0, 1, 8, 1000, 262_143, 262_144, 262_145, 600_001])(
    'of %i elements are the same bytes as the form made in memory, and come back',
    async (size) => {
      await using folder = await tempFolder();
      const value = sparse(size, 10);
      const path = join(folder.path, 'masked');
      const store = await storeWith(join(folder.path, 'store'), value);
      const expected = encodeForm(value);
      const dense = await store.openBlob(sha256(tensorBytes(value)));
      const masked = await open(path, 'w+');
      const out = await open(join(folder.path, 'out'), 'w+');
      const total = await encodeMaskedFile(dense, size, { handle: masked, path });
      if (expected.form === 'dense') expect(total).toBeUndefined();
      else {
        expect(total).toBe(expected.bytes.byteLength);
        expect(Buffer.compare(await readFile(path), expected.bytes)).toBe(0);
        const back = await decodeMaskedFile(masked, size, { handle: out, path: 'out' });
        expect(back).toEqual({ digest: sha256(tensorBytes(value)) });
      }
      await Promise.all([dense.close(), masked.close(), out.close()]);
    },
  );
});

async function readPart(reader: FormReader, offset: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  return into.subarray(0, await reader.read(into, offset));
}

describe('openForm', () => {
  it('chooses the masked form where it is shorter, else the dense one', async () => {
    await using folder = await tempFolder();
    for (const [value, form] of [
      [sparse(2000, 20), 'masked'],
      [sparse(2000, 1), 'dense'],
      [tensor('uint8', [2000], new Uint8Array(2000)), 'dense'],
    ] as const) {
      const store = await storeWith(folder.path, value);
      await using reader = await openForm(store, subjectOf(value), ['dense', 'masked']);
      const expected = encodeForm(value);
      expect([reader.form, reader.total]).toEqual([form, expected.bytes.byteLength]);
      expect(Buffer.compare(await readPart(reader, 0, 1e6), expected.bytes)).toBe(0);
      expect(Buffer.compare(await readPart(reader, 100, 50), expected.bytes.subarray(100, 150))).toBe(0);
    }
  });

  it('keeps to the forms that are allowed', async () => {
    await using folder = await tempFolder();
    const value = sparse(2000, 20);
    const store = await storeWith(folder.path, value);
    await using reader = await openForm(store, subjectOf(value), ['dense']);
    expect(reader.form).toBe('dense');
  });

  it('makes the form of a large tensor in a file, once, and leaves nothing else', async () => {
    await using folder = await tempFolder();
    const value = sparse(1_100_000, 20);
    const store = await storeWith(folder.path, value);
    const readers = await Promise.all([1, 2, 3].map(() => openForm(store, subjectOf(value), ['masked'])));
    const expected = encodeForm(value).bytes;
    for (const reader of readers) {
      expect(reader.total).toBe(expected.byteLength);
      expect(Buffer.compare(await readPart(reader, 200_000, 1000), expected.subarray(200_000, 201_000))).toBe(
        0,
      );
      await reader.close();
    }
    expect(await readdir(join(folder.path, 'forms'))).toHaveLength(1);
    expect(await readdir(join(folder.path, 'partial'))).toEqual([]);
  });

  it('does not try to mask a large tensor that has few zeros', async () => {
    await using folder = await tempFolder();
    const value = sparse(1_100_000, 1);
    // The masked form would be 100 bytes shorter: less than it is worth to find out.
    (value.data as Float32Array).fill(0, 500_000, 500_000 + Math.ceil(1_100_000 / 32) + 26);
    const store = await storeWith(folder.path, value);
    await using reader = await openForm(store, subjectOf(value), ['masked', 'dense']);
    expect(reader.form).toBe('dense');
    expect(await readdir(join(folder.path, 'forms'))).toEqual([]);
  });

  it('refuses a blob whose length is not that of the tensor, and one that is missing', async () => {
    await using folder = await tempFolder();
    const value = sparse(100, 2);
    const store = await storeWith(folder.path, value);
    await expect(openForm(store, { ...subjectOf(value), shape: [99] }, ['dense'])).rejects.toMatchObject({
      code: 'STORE_DIGEST',
    });
    await expect(openForm(store, { ...subjectOf(value), digest: '0'.repeat(64) }, [])).rejects.toMatchObject({
      code: 'STORE_MISSING',
    });
  });
});

describe('a blob that arrives in pieces', () => {
  const forms: readonly TensorForm[] = ['dense', 'masked'];

  it.each(forms)(
    'is put when it is whole, after a cut and a new process in the middle (%s)',
    async (form) => {
      await using folder = await tempFolder();
      const value = sparse(5000, 20);
      const subject = subjectOf(value);
      const bytes = form === 'dense' ? tensorBytes(value) : encodeForm(value).bytes;

      const before = await BlobStore.open(folder.path);
      const first = await PartialBlob.open(before, subject, { form, keepBytes: 0 });
      await first.append(bytes.subarray(0, 700));
      await first.close();

      const store = await BlobStore.open(folder.path);
      expect(await findPartial(store, subject.digest)).toEqual({ form, bytes: 700 });
      const second = await PartialBlob.open(store, subject, { form, keepBytes: 700 });
      await second.append(bytes.subarray(700));
      await second.finish();
      expect(sha256(await store.get(subject.digest))).toBe(subject.digest);
      expect(await findPartial(store, subject.digest)).toBeUndefined();
      expect(await readdir(join(folder.path, 'partial'))).toEqual([]);
    },
  );

  it.each(forms)(
    'is refused and thrown away when its bytes are not what the digest names (%s)',
    async (form) => {
      await using folder = await tempFolder();
      const value = sparse(5000, 20);
      const store = await BlobStore.open(folder.path);
      const bytes = (form === 'dense' ? tensorBytes(value) : encodeForm(value).bytes).slice();
      bytes[bytes.length - 1] ^= 1;
      const partial = await PartialBlob.open(store, subjectOf(value), { form, keepBytes: 0 });
      await partial.append(bytes);
      await expect(partial.finish()).rejects.toMatchObject({ code: 'STORE_DIGEST' });
      expect(await store.has(subjectOf(value).digest)).toBe(false);
      expect(await readdir(join(folder.path, 'partial'))).toEqual([]);
    },
  );

  it('is not hashed again where the caller has done it, and is refused where that digest is another', async () => {
    await using folder = await tempFolder();
    const value = sparse(5000, 1);
    const subject = subjectOf(value);
    const store = await BlobStore.open(folder.path);
    for (const digest of ['0'.repeat(64), subject.digest]) {
      const partial = await PartialBlob.open(store, subject, { form: 'dense', keepBytes: 0 });
      let released = 0;
      await partial.append(tensorBytes(value).subarray(0, 9000), () => released++);
      await partial.append(tensorBytes(value).subarray(9000), () => released++);
      const code = await partial.finish(digest).then(() => undefined, errorCode);
      expect(released).toBe(2);
      expect(code).toBe(digest === subject.digest ? undefined : 'STORE_DIGEST');
      expect(await store.has(subject.digest)).toBe(digest === subject.digest);
    }
  });

  it('in a masked form whose bitmap names more values than there are is refused', async () => {
    await using folder = await tempFolder();
    const value = sparse(5000, 20);
    const store = await BlobStore.open(folder.path);
    const partial = await PartialBlob.open(store, subjectOf(value), { form: 'masked', keepBytes: 0 });
    await partial.append(encodeForm(value).bytes.subarray(0, -4));
    await expect(partial.finish()).rejects.toMatchObject({ code: 'STORE_FORM' });
  });

  it('that came whole needs no partial file, and is verified all the same', async () => {
    await using folder = await tempFolder();
    const store = await BlobStore.open(folder.path);
    const value = sparse(500, 20);
    const { form, bytes } = encodeForm(value);
    const wrong = bytes.slice();
    wrong[wrong.length - 2] ^= 1;
    const code = await putForm(store, subjectOf(value), { form, bytes: wrong }).catch(errorCode);
    expect(code).toBe('STORE_DIGEST');
    await putForm(store, subjectOf(value), { form, bytes });
    expect(await store.has(subjectOf(value).digest)).toBe(true);
  });
});
