/** Calls of the kernels as they lie in memory (assembly/program.ts): a number, then the arguments, 4 bytes each; 0 ends a list. */

interface KernelCode {
  readonly code: number;
  readonly arguments: number;
  /** Which of them are float32. */
  readonly floats: readonly number[];
}

const KERNELS = {
  gather: { code: 1, arguments: 10, floats: [] },
  scatter: { code: 2, arguments: 9, floats: [] },
  correlate: { code: 3, arguments: 13, floats: [] },
  sumOver: { code: 4, arguments: 7, floats: [] },
  maxPool: { code: 5, arguments: 8, floats: [] },
  maxPoolBack: { code: 6, arguments: 10, floats: [] },
  relu: { code: 7, arguments: 6, floats: [] },
  reluBack: { code: 8, arguments: 7, floats: [] },
  multiplyPixels: { code: 9, arguments: 7, floats: [] },
  copyPixels: { code: 10, arguments: 6, floats: [] },
  clear: { code: 11, arguments: 2, floats: [] },
  momentum: { code: 12, arguments: 5, floats: [4] },
  adam: { code: 13, arguments: 8, floats: [5, 6, 7] },
  penalise: { code: 14, arguments: 6, floats: [3, 4] },
  transposeBytes: { code: 15, arguments: 5, floats: [4] },
  transposeFloats: { code: 16, arguments: 4, floats: [] },
  dropoutFactors: { code: 17, arguments: 7, floats: [5, 6] },
} as const satisfies Readonly<Record<string, KernelCode>>;

export type Call = readonly [kernel: keyof typeof KERNELS, ...numbers: number[]];

export function wordsOf(calls: readonly Call[]): Int32Array {
  const words = new Int32Array(calls.reduce((sum, call) => sum + call.length, 1));
  const floats = new Float32Array(words.buffer);
  let at = 0;
  for (const [kernel, ...numbers] of calls) {
    const { code, arguments: count, floats: places } = KERNELS[kernel];
    if (numbers.length !== count) throw new TypeError(`${kernel} takes ${count} arguments`);
    words[at++] = code;
    for (const [i, number] of numbers.entries()) {
      if ((places as readonly number[]).includes(i)) floats[at++] = number;
      else words[at++] = number;
    }
  }
  return words;
}
