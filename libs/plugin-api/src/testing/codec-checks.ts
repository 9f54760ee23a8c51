/** What every codec promises (see ../codec.ts). */
import { Random } from '@espalier/base';
import type { DecodeInput, EncodeInput } from '../codec';
import type { OptionValues } from '../options';
import type { PluginDefinition } from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import { firstDifference, insideLargerBuffer, requireArray, requireFiniteNumbers, sameBits } from './compare';
import { hostileVersions } from './hostile-bytes';
import { COST, measureCost } from './measure-cost';
import { defaultTrial, forEachTrial, trialsOf, type Trial } from './trials';
import { plainCases, weightCases } from './weight-cases';

type Definition = NonNullable<PluginDefinition['codecs']>[string];

export function codecChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`codec "${name}"`, checks);
  const random = new Random(seed, name);
  const all = trialsOf(definition.options, weightCases(random));
  const plain = trialsOf(definition.options, plainCases(random));
  const encode = async (trial: Trial): Promise<Uint8Array> => definition.encode(encodeInput(trial));
  const decode = async (trial: Trial, bytes: Uint8Array): Promise<Float32Array> =>
    definition.decode(decodeInput(trial, bytes));

  add(
    'decodes what it encoded to as many finite values',
    'decode must give a Float32Array of the size of the shape, for every layer: with one weight, with all weights 0 or equal.',
    async () => {
      await forEachTrial(all, async (trial) => {
        const bytes = await encode(trial);
        requireArray(bytes, 'Uint8Array', bytes.length, `${trial.where}, encode`);
        const values = await decode(trial, bytes);
        requireArray(values, 'Float32Array', trial.layer.weights.length, `${trial.where}, decode`);
        requireFiniteNumbers(values, 'value', trial.where);
        if (definition.lossless && !sameBits(values, trial.layer.weights)) {
          wrong(`${trial.where}, though it is lossless: ${firstDifference(trial.layer.weights, values)}`);
        }
      });
    },
  );
  add(
    'encodes the same tensor to the same bytes, and leaves it as it was',
    'No Math.random, no clock, nothing kept between calls; work on a copy of the values.',
    async () => {
      await forEachTrial(all, async (trial) => {
        const given = encodeInput(trial);
        const [first, second] = [(await definition.encode(given)).slice(), await encode(trial)];
        if (!sameBits(first, second)) wrong(`${trial.where}: ${firstDifference(first, second)}`);
        if (!sameBits(given.values, trial.layer.weights)) wrong(`${trial.where}: it changed the values`);
      });
    },
  );
  add(
    'decodes the same bytes to the same values, in any order and anywhere in memory',
    'decode may use nothing but its input: the file is read by another process. A DataView needs `byteOffset`.',
    async () => {
      const encoded: { readonly trial: Trial; readonly bytes: Uint8Array; readonly values: Float32Array }[] =
        [];
      await forEachTrial(plain, async (trial) => {
        const bytes = (await encode(trial)).slice();
        encoded.push({ trial, bytes, values: (await decode(trial, bytes)).slice() });
      });
      for (const { trial, bytes, values } of encoded.toReversed()) {
        const again = await decode(trial, insideLargerBuffer(bytes));
        if (!sameBits(again, values)) wrong(`${trial.where}: ${firstDifference(values, again)}`);
      }
    },
  );
  add(
    'refuses damaged bytes with an error, or decodes them to finite values',
    'Check lengths before reading, and never loop or allocate by a number from the bytes that was not checked.',
    async () => {
      const hostile = new Random(seed, `${name} hostile`);
      await forEachTrial(plain, async (trial) => {
        for (const { what, bytes } of hostileVersions(await encode(trial), hostile)) {
          const where = `${trial.where}, ${what}`;
          // Any error is an answer here: what counts is what does not fail.
          const values = await decode(trial, bytes).catch(() => undefined);
          if (values === undefined) continue;
          requireArray(values, 'Float32Array', trial.layer.weights.length, where);
          requireFiniteNumbers(values, 'value', where);
        }
      });
    },
  );
  add(COST, 'Compare no weight with every other, and hold no tensors after the call.', () =>
    measureCost(seed, (layer) => {
      const trial = defaultTrial(definition.options, layer);
      return async () => decode(trial, await encode(trial));
    }),
  );
  return checks;
}

function encodeInput({ layer, options }: Trial): EncodeInput<OptionValues> {
  return { name: 'fc1/kernel', shape: layer.shape, values: layer.weights.slice(), options };
}

function decodeInput({ layer, options }: Trial, bytes: Uint8Array): DecodeInput<OptionValues> {
  return { name: 'fc1/kernel', shape: layer.shape, bytes, options };
}
