/** MB of float32 a second, one thread's CPU time: `npx tsx --conditions=@espalier/source libs/encoding/bench/throughput.ts`. */
import { Random } from '@espalier/base';
import { decodeShared, encodeShared } from '../src/arithmetic/shared-coder';
import { normaliseShared, type SharedWeights } from '../src/shared-weights';

const LAYERS = [
  { name: 'fc 4096 x 4096, 4 %, 32 levels', shape: [4096, 4096], keep: 0.04, levels: 32 },
  { name: 'fc 4096 x 4096, 9 %, 32 levels', shape: [4096, 4096], keep: 0.09, levels: 32 },
  { name: 'conv 3 x 3 x 512 x 512, 35 %, 256 levels', shape: [3, 3, 512, 512], keep: 0.35, levels: 256 },
  { name: 'fc 784 x 300, 8 %, 32 levels', shape: [784, 300], keep: 0.08, levels: 32 },
] as const;

function prunedLayer({ shape, keep, levels }: (typeof LAYERS)[number]): SharedWeights {
  const random = new Random(1);
  const outputs = shape[shape.length - 1];
  const size = shape.reduce((product, side) => product * side, 1);
  const scales = (count: number): Float64Array =>
    Float64Array.from({ length: count }, () => Math.exp(0.4 * random.normal()));
  const byRow = scales(size / outputs);
  const byOutput = scales(outputs);
  const codes = new Uint16Array(size);
  for (let row = 0, i = 0; row < byRow.length; row++) {
    for (let output = 0; output < outputs; output++, i++) {
      if (random.uniform() >= 0.85 * keep * byRow[row] * byOutput[output]) continue;
      codes[i] = 1 + Math.min(levels - 1, Math.floor((Math.abs(random.normal()) * levels) / 5));
    }
  }
  const codebook = Float32Array.from({ length: levels }, (_, i) => (i % 2 ? 1 : -1) * (0.01 + 0.001 * i));
  return normaliseShared({ codes, codebook });
}

function seconds<T>(work: () => T): { readonly value: T; readonly seconds: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, seconds: (user + system) / 1e6 };
}

for (const layer of LAYERS) {
  const shared = prunedLayer(layer);
  const megabytes = (4 * shared.codes.length) / 1e6;
  const encoded = seconds(() => encodeShared(shared, layer, { kind: 'float16' }));
  const decoded = seconds(() => decodeShared(encoded.value.bytes, layer));
  const speeds = [encoded, decoded].map((run) => (megabytes / run.seconds).toFixed(1));
  console.log(
    `${layer.name}: ${encoded.value.bytes.length} bytes, ${speeds[0]} and ${speeds[1]} MB/s encode and decode`,
  );
}
