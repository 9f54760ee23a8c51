/** What every quantizer promises (see ../quantizer.ts). */
import { Random } from '@espalier/base';
import type { OptionValues } from '../options';
import type { AffineQuantized, CodebookQuantized, QuantizeInput, Quantized } from '../quantizer';
import type { PluginDefinition } from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import {
  firstDifference,
  insideLargerBuffer,
  requireArray,
  requireFiniteNumbers,
  sameBits,
  type Numbers,
} from './compare';
import { COST, measureCost } from './measure-cost';
import { defaultTrial, forEachTrial, trialsOf, type Trial } from './trials';
import { weightCases } from './weight-cases';

type Definition = NonNullable<PluginDefinition['quantizers']>[string];

export function quantizerChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`quantizer "${name}"`, checks);
  const trials = trialsOf(definition.options, weightCases(new Random(seed, name)));
  const input = (
    { layer, options }: Trial,
    values: Float32Array = layer.weights.slice(),
  ): QuantizeInput<OptionValues> => ({
    name: 'fc1/kernel',
    shape: layer.shape,
    values,
    random: new Random(seed, name),
    options,
  });
  const quantize = async (trial: Trial): Promise<Quantized> => definition.quantize(input(trial));

  add(
    'gives each weight a code that stands for a finite value',
    'codebook: codes from 0 to the length of the codebook, which ascends unless there are signs. affine: one scale, or one for each channel of the last axis, above 0.',
    async () => {
      await forEachTrial(trials, async (trial) => requireSound(await quantize(trial), trial));
    },
  );
  add(
    'leaves removed weights at 0',
    'Give them code 0 of a codebook, or the zero point of an affine scale: 0 must be one of the values exactly.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const values = dequantized(await quantize(trial), trial);
        const at = trial.layer.weights.findIndex((weight, i) => weight === 0 && !Object.is(values[i], 0));
        if (at >= 0) wrong(`${trial.where}: weight ${at} is 0 and becomes ${values[at]}`);
      });
    },
  );
  add(
    'is nearer to the weights than removing all of them would be',
    'Choose the scale by the largest weight, and each code by the nearest value.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const { weights } = trial.layer;
        const values = dequantized(await quantize(trial), trial);
        const [error, energy] = [sumOfSquares(weights, values), sumOfSquares(weights)];
        // Not even one value has to be hit exactly; rounding of the sums aside.
        if (error > energy * (1 + 1e-6)) {
          wrong(`${trial.where}: the squared error is ${error}, the sum of squared weights ${energy}`);
        }
      });
    },
  );
  add(
    'gives the same bits for the same input, and leaves that as it was',
    'Draw from `random` of the input alone, keep nothing between calls, and work on a copy of the values.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const given = input(trial, insideLargerBuffer(trial.layer.weights));
        const [first, second] = [arraysOf(await quantize(trial)), arraysOf(await definition.quantize(given))];
        const i = first.findIndex((array, k) => !sameBits(array, second[k]));
        if (i >= 0) wrong(`${trial.where}: ${firstDifference(first[i], second[i])}`);
        if (!sameBits(given.values, trial.layer.weights)) wrong(`${trial.where}: it changed the values`);
      });
    },
  );
  add(COST, 'Compare no weight with every other, and hold no tensors after the call.', () =>
    measureCost(seed, (layer) => {
      const given = input(defaultTrial(definition.options, layer));
      return () => definition.quantize(given);
    }),
  );
  return checks;
}

function requireSound(quantized: Quantized, trial: Trial): void {
  const { where } = trial;
  switch (quantized?.kind) {
    case 'codebook':
      return requireSoundCodebook(quantized, trial);
    case 'affine':
      return requireSoundScales(quantized, trial);
    default:
      wrong(
        `${where}: its answer has kind "${String((quantized as { kind?: unknown })?.kind)}", not codebook or affine`,
      );
  }
}

function requireSoundCodebook({ codes, codebook, signs }: CodebookQuantized, { layer, where }: Trial): void {
  requireArray(codes, 'Uint16Array', layer.weights.length, `${where}, codes`);
  requireArray(codebook, 'Float32Array', codebook.length, `${where}, codebook`);
  requireFiniteNumbers(codebook, 'centroid', where);
  // With signs the order is a hash's or another rule's, and says nothing.
  const falls = signs ? -1 : codebook.findIndex((centroid, i) => i > 0 && !(centroid > codebook[i - 1]));
  if (falls >= 0) wrong(`${where}: centroid ${falls} of the codebook is not above the one before`);
  if (signs) requireArray(signs.bits, 'Uint8Array', Math.ceil(layer.weights.length / 8), `${where}, signs`);
  const beyond = codes.findIndex((code) => code > codebook.length);
  if (beyond >= 0) wrong(`${where}: weight ${beyond} has code ${codes[beyond]} of ${codebook.length}`);
}

function requireSoundScales({ codes, scales, zeroPoints }: AffineQuantized, { layer, where }: Trial): void {
  requireArray(codes, 'Int8Array', layer.weights.length, `${where}, codes`);
  const channels = layer.shape.at(-1) ?? 1;
  const expected = scales.length === 1 ? 1 : channels;
  requireArray(scales, 'Float32Array', expected, `${where}, scales`);
  if (zeroPoints) requireArray(zeroPoints, 'Int8Array', expected, `${where}, zeroPoints`);
  const unsound = scales.findIndex((scale) => !(scale > 0 && Number.isFinite(scale)));
  if (unsound >= 0) wrong(`${where}: scale ${unsound} is ${scales[unsound]}`);
}

/** The weights that the codes stand for. */
function dequantized(quantized: Quantized, trial: Trial): Float32Array {
  requireSound(quantized, trial);
  if (quantized.kind === 'codebook') {
    const { codes, codebook, signs } = quantized;
    return Float32Array.from(codes, (code, i) => {
      const value = code === 0 ? 0 : codebook[code - 1];
      return signs?.get(i) ? -value : value;
    });
  }
  const { codes, scales, zeroPoints } = quantized;
  return Float32Array.from(codes, (code, i) => {
    const channel = i % scales.length;
    // + 0: scale * -0 must not make a removed weight -0.
    return scales[channel] * (code - (zeroPoints?.[channel] ?? 0)) + 0;
  });
}

function arraysOf(quantized: Quantized): Numbers[] {
  if (quantized.kind === 'codebook')
    return [
      quantized.codes.slice(),
      quantized.codebook.slice(),
      (quantized.signs?.bits ?? new Uint8Array(0)).slice(),
    ];
  return [
    quantized.codes.slice(),
    quantized.scales.slice(),
    (quantized.zeroPoints ?? new Int8Array(0)).slice(),
  ];
}

function sumOfSquares(values: Float32Array, minus?: Float32Array): number {
  return values.reduce((sum, value, i) => sum + (value - (minus?.[i] ?? 0)) ** 2, 0);
}
