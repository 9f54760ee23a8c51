/** Bytes against squared error, and against test error: our rate-aware quantiser and NNCodec's two, over a range of steps. */
import {
  encodeArtifact,
  quantiseByRate,
  quantiseForArtifact,
  stepLevels,
  valuesOf,
  type SharedTensor,
} from '@espalier/encoding';
import { bytesOf } from '@espalier/tensor';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  compareErrors,
  compareFronts,
  paretoFront,
  type CurveComparison,
  type ErrorComparison,
  type RatePoint,
} from './front';
import { CARRIER } from './lossless';
import type { Kernel, PrunedNetwork } from './networks';
import { readFloats, type CoderPeers, type QuantiserPoint } from './peers';

/** Where the goal is, and the bits beyond it that a network has use for. */
export const RANGES = { goal: [1, 6], beyond: [6, 11] } as const;

export interface RateDistortionResults {
  readonly seed: number;
  /** What of the network, if not all. */
  readonly part?: string;
  readonly kept: number;
  /** Only points that no other of the same coder beats. */
  readonly espalier: readonly RatePoint[];
  readonly nncodec: readonly RatePoint[];
  readonly goal?: RangeComparison;
  readonly beyond?: RangeComparison;
}

/** Squared error, and test error where it was measured. */
export interface RangeComparison extends CurveComparison {
  readonly testError?: ErrorComparison;
}

export interface RateDistortionSetting {
  readonly peers: CoderPeers;
  readonly folder: string;
  readonly quick: boolean;
  /** Test error of the network with these kernels; missing where there is nothing to test. */
  readonly testError?: (kernels: readonly Kernel[]) => Promise<number>;
}

export async function measureRateDistortion(
  item: PrunedNetwork,
  setting: RateDistortionSetting,
): Promise<Pick<RateDistortionResults, 'kept' | 'espalier' | 'nncodec' | 'goal' | 'beyond'>> {
  const { kernels } = item;
  const scale = { kept: countKept(kernels), energy: energyOf(kernels) };
  const finest = finestQp(scale);
  const qps = range(finest, finest + QP_SPAN, setting.quick ? 4 : 1);
  const theirs = paretoFront(await peerPoints(kernels, { setting, scale, qps }));
  const ownQps = range(finest, finest + QP_SPAN, setting.quick ? 4 : 2);
  const ours = paretoFront(ownPoints(kernels, { scale, qps: ownQps, quick: setting.quick }));
  const espalier = await tested(ours, setting);
  const nncodec = await tested(theirs, setting);
  const compared = (range: readonly [number, number]): RangeComparison | undefined => {
    const curve = compareFronts(espalier, nncodec, range);
    // Of a quick run too few points are tested to compare anything.
    const testError = setting.quick ? undefined : compareErrors(espalier, nncodec, range);
    return curve && { ...curve, ...(testError && { testError }) };
  };
  const goal = compared(RANGES.goal);
  const beyond = compared(RANGES.beyond);
  return { kept: scale.kept, espalier, nncodec, ...(goal && { goal }), ...(beyond && { beyond }) };
}

interface Scale {
  readonly kept: number;
  readonly energy: number;
}

type PointWithKernels = RatePoint & { readonly kernels: () => readonly Kernel[] };

/** NNCodec's steps are 2^(qp/4), roughly; from 1/64 of the weights' root mean square to eight times it. */
const QP_FINEST_BITS = 6;
const QP_SPAN = 36;

function finestQp({ kept, energy }: Scale): number {
  return Math.round(4 * (Math.log2(Math.sqrt(energy / kept)) - QP_FINEST_BITS));
}

/** Uniform and trellis-coded; without regard to the rate (its default), and with it, up to four times what it takes itself. */
const PEER_SETTINGS: readonly Omit<QuantiserPoint, 'qp'>[] = [
  { dq: 0, lambda: 0 },
  { dq: 1, lambda: 0 },
  { dq: 0, lambda: 1 },
  { dq: 1, lambda: 1 },
  { dq: 0, lambda: 2 },
  { dq: 1, lambda: 2 },
  { dq: 0, lambda: 4 },
  { dq: 1, lambda: 4 },
];

async function peerPoints(
  kernels: readonly Kernel[],
  { setting, scale, qps }: { setting: RateDistortionSetting; scale: Scale; qps: readonly number[] },
): Promise<PointWithKernels[]> {
  const { folder, peers, quick, testError } = setting;
  mkdirSync(folder, { recursive: true });
  const listing = kernels.map(({ name, shape, values }, i) => {
    const file = `weights-${i}.bin`;
    writeFileSync(join(folder, file), bytesOf(values));
    return { name, file, shape };
  });
  const settings = quick ? PEER_SETTINGS.slice(0, 4) : PEER_SETTINGS;
  const points = settings.flatMap((rest) => qps.map((qp): QuantiserPoint => ({ qp, ...rest })));
  writeFileSync(join(folder, 'weights.json'), JSON.stringify(listing));
  writeFileSync(join(folder, 'points.json'), JSON.stringify(points));
  const rows = await peers.rateDistortion(folder, testError !== undefined);
  return rows.map(({ bytes, squaredError, file, qp, dq, lambda }) => ({
    ...measured({ bytes, squaredError }, scale),
    how: `${dq ? 'trellis-coded' : 'uniform'}, qp ${qp}, lambda_scale ${lambda}`,
    kernels: () => split(kernels, readFloats(join(folder, file))),
  }));
}

/** Lambda in squares of the step: 0.115 is what high rates want (ln 2 / 6); beyond it small weights go first. */
const LAMBDAS = [0.115, 0.16, 0.22, 0.3];

function ownPoints(
  kernels: readonly Kernel[],
  { scale, qps, quick }: { scale: Scale; qps: readonly number[]; quick: boolean },
): PointWithKernels[] {
  const points: PointWithKernels[] = [];
  for (const qp of qps) {
    const step = Math.fround(2 ** (qp / 4));
    for (const share of quick ? LAMBDAS.slice(0, 3) : LAMBDAS) {
      for (const moveLevels of [true, false]) {
        const tensors = kernels.map((kernel) =>
          quantised(kernel, { step, lambda: share * step ** 2, moveLevels }),
        );
        const options = { codings: ['arithmetic'], codebook: 'float16' } as const;
        const file = encodeArtifact({ network: CARRIER, tensors, options });
        const bytes = file.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
        const decoded = (): Kernel[] =>
          tensors.map((tensor, i) => ({ ...kernels[i], values: valuesOf(tensor) }));
        points.push({
          ...measured({ bytes, squaredError: squaredError(kernels, decoded()) }, scale),
          how: `${moveLevels ? 'levels at their means' : 'multiples of the step'}, step ${step.toPrecision(3)}, lambda ${share} step^2`,
          kernels: decoded,
        });
      }
    }
  }
  return points;
}

function quantised(
  kernel: Kernel,
  { step, lambda, moveLevels }: { step: number; lambda: number; moveLevels: boolean },
): SharedTensor {
  const { name, shape, image, values } = kernel;
  const layout = { shape, ...(image && { image }) };
  const shared = quantiseByRate(values, stepLevels(values, step), { lambda, layout, moveLevels });
  const tensor = { kind: 'shared', name, shape, ...shared, ...(image && { layout: { image } }) } as const;
  return quantiseForArtifact<SharedTensor>(moveLevels ? tensor : { ...tensor, step }, 'float16');
}

async function tested(
  front: readonly PointWithKernels[],
  { testError, quick }: RateDistortionSetting,
): Promise<RatePoint[]> {
  const points: RatePoint[] = [];
  for (const [i, { kernels, ...point }] of front.entries()) {
    const wanted = testError !== undefined && (!quick || i % QUICK_TESTED === 0);
    points.push(wanted ? { ...point, error: await testError(kernels()) } : point);
  }
  return points;
}

/** Every so many points of a quick run are tested. */
const QUICK_TESTED = 6;

function measured(
  { bytes, squaredError }: { bytes: number; squaredError: number },
  { kept, energy }: Scale,
): Pick<RatePoint, 'bytes' | 'bits' | 'dB'> {
  return { bytes, bits: (8 * bytes) / kept, dB: 10 * Math.log10(squaredError / energy) };
}

function split(kernels: readonly Kernel[], all: Float32Array): Kernel[] {
  let at = 0;
  return kernels.map((kernel) => {
    const values = all.subarray(at, at + kernel.values.length);
    at += kernel.values.length;
    return { ...kernel, values };
  });
}

function squaredError(kernels: readonly Kernel[], decoded: readonly Kernel[]): number {
  let sum = 0;
  kernels.forEach(({ values }, k) => {
    const other = decoded[k].values;
    for (let i = 0; i < values.length; i++) sum += (values[i] - other[i]) ** 2;
  });
  return sum;
}

function countKept(kernels: readonly Kernel[]): number {
  let kept = 0;
  for (const { values } of kernels) for (let i = 0; i < values.length; i++) if (values[i] !== 0) kept++;
  return kept;
}

function energyOf(kernels: readonly Kernel[]): number {
  let sum = 0;
  for (const { values } of kernels) for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return sum;
}

function range(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
}
