import type { StageView } from '@espalier/protocol/view';
import { BYTE_PARTS, fileBytes } from './file-bytes';

const base = { hasView: false, state: 'done', baseX: 0 } as const;
const STAGES: StageView[] = [
  {
    ...base,
    key: 'a',
    title: 'share',
    kind: 'share',
    layers: [{ name: 'fc1', weights: 100, kept: 10 }],
  },
  {
    ...base,
    key: 'b',
    title: 'encode',
    kind: 'encode',
    metrics: {
      bytes: 80,
      headerBytes: 20,
      tensors: [
        {
          name: 'fc1/kernel',
          coding: 'arithmetic',
          bytes: 50,
          breakdown: { index: 22, values: 20, codebook: 8 },
        },
        { name: 'fc1/bias', coding: 'dense', bytes: 6, breakdown: { index: 0, values: 6, codebook: 0 } },
      ],
    },
  },
];

describe("a file's bytes", () => {
  const found = fileBytes(STAGES);

  it('are those of index, values, codebooks, biases, and the rest', () => {
    expect(found?.parts).toEqual({ index: 22, values: 20, codebook: 8, other: 6, header: 24 });
  });

  it('are all accounted for', () => {
    const sum = BYTE_PARTS.reduce((total, part) => total + (found?.parts[part] ?? 0), 0);
    expect(sum).toBe(found?.bytes);
  });

  it('stand beside those of the dense kernel', () => {
    expect(found?.tensors.map(({ name, bytes, denseBytes }) => [name, bytes, denseBytes])).toEqual([
      ['fc1/kernel', 50, 400],
      ['fc1/bias', 6, undefined],
    ]);
  });

  it('are not known before the file is encoded', () => {
    expect(fileBytes(STAGES.slice(0, 1))).toBeUndefined();
  });
});
