import { compareDecoded, type DecodedBy } from './results';

const tensors = [
  { name: 'fc1/kernel', sha256: 'a' },
  { name: 'fc1/bias', sha256: 'b' },
];
const by = (program: string, files: DecodedBy['files']): DecodedBy => ({ program, engine: 'V8', files });
const files = [
  { file: 'one.espalier', bytes: 10 },
  { file: 'two.espalier', bytes: 20 },
];

describe('compareDecoded', () => {
  it('finds no difference where all decode to the same', () => {
    const found = compareDecoded(files, [
      by('Node 20', [tensors, tensors]),
      by('Chromium', [tensors, tensors]),
    ]);
    expect(found.map(({ differences }) => differences)).toEqual([[], []]);
    const [{ digests }] = found;
    expect(digests['Node 20']).toBe(digests['Chromium']);
  });

  it('names the program, the file and the tensor that differ', () => {
    const other = [tensors[0], { name: 'fc1/bias', sha256: 'c' }];
    const found = compareDecoded(files, [
      by('Node 20', [tensors, tensors]),
      by('Chromium', [tensors, other]),
    ]);
    expect(found.map(({ differences }) => differences)).toEqual([
      [],
      [{ program: 'Chromium', tensors: ['fc1/bias'] }],
    ]);
    expect(found[1].digests['Node 20']).not.toBe(found[1].digests['Chromium']);
  });
});
