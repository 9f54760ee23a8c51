import { encodeSafetensors } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { float32 } from '@espalier/tensor';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareWeights, type WeightComparison } from './compare-weights';

const network = checkNetwork({
  name: 'small',
  input: [2],
  layers: [{ type: 'dense', name: 'fc1', units: 2 }],
});

const folder = mkdtempSync(join(tmpdir(), 'espalier-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, kernel: readonly number[]): string {
  const path = join(folder, name);
  const tensors = new Map([
    ['fc1/kernel', float32([2, 2], Float32Array.from(kernel))],
    ['fc1/bias', float32([2], new Float32Array(2))],
  ]);
  writeFileSync(path, encodeSafetensors(tensors));
  return path;
}

function compare(decoded: readonly number[]): WeightComparison {
  const given = file('given', [4, -3, 2, 1]);
  return compareWeights(network, { fc1: 0.5 }, { given, decoded: file('decoded', decoded) });
}

describe('comparing decoded weights with those that were given', () => {
  it('counts what was kept, and how far it lies from what it was', () => {
    expect(compare([4, -3, 0, 0])).toEqual({ kept: 2, distortion: 0 });
    expect(compare([4, -2, 0, 0]).distortion).toBeCloseTo(Math.sqrt(1 / 25));
  });

  it('refuses another share than was asked for, and the loss of a weight that is larger than a kept one', () => {
    expect(() => compare([4, 0, 0, 0])).toThrow('BENCH_WEIGHTS');
    expect(() => compare([4, 0, 2, 0])).toThrow('the largest that it lost is 3');
  });
});
