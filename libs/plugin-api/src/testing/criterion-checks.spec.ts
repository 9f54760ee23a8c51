import type { CriterionDefinition } from '../criterion';
import { failedChecks } from './failed-checks';

const failedBy = (criterion: Partial<CriterionDefinition>): Promise<string[]> =>
  failedChecks({
    criteria: { tried: { needs: ['weights'], score: ({ weights }) => weights.map(Math.abs), ...criterion } },
  });

const FINITE = 'gives each weight a finite score';
const SAME = 'gives the same bits for the same input';
const COUNTS = 'leaves exactly the share that is asked for, however many weights are equal';

describe('checks of a criterion', () => {
  it('pass for the magnitude, with options and promises too', async () => {
    expect(await failedBy({})).toEqual([]);
    const power = { type: 'number', default: 2, minimum: 1, maximum: 4, description: 'Exponent.' } as const;
    expect(
      await failedBy({
        options: { power },
        score: ({ weights, options }) =>
          Promise.resolve(weights.map((w) => Math.abs(w) ** Number(options['power']))),
      }),
    ).toEqual([]);
  });

  it('find a score that is not finite where nothing has a spread, and that counts then go wrong', async () => {
    const failed = await failedBy({
      score: ({ weights }) => {
        const sum = weights.reduce((total, w) => total + Math.abs(w), 0);
        return weights.map((w) => Math.abs(w) / sum);
      },
    });
    expect(failed).toEqual([FINITE, COUNTS]);
  });

  it('find too few scores, and scores that are none', async () => {
    expect(await failedBy({ score: ({ weights }) => weights.subarray(1).map(Math.abs) })).toContain(FINITE);
    const list = ({ weights }: { weights: Float32Array }): Float32Array =>
      [...weights] as unknown as Float32Array;
    expect(await failedBy({ score: list })).toContain(FINITE);
  });

  it('find chance that does not come from the seed', async () => {
    expect(await failedBy({ score: ({ weights }) => weights.map(() => Math.random()) })).toContain(SAME);
    expect(await failedBy({ score: ({ weights, random }) => weights.map(() => random.uniform()) })).toEqual(
      [],
    );
  });

  it('find what is kept between calls', async () => {
    let calls = 0;
    const failed = await failedBy({
      score: ({ weights }) => weights.map((w) => Math.abs(w) + calls++ / 1e3),
    });
    expect(failed).toContain('scores a layer alike whatever was scored before it');
    let shapes = '';
    const byOrder = await failedBy({
      score: ({ weights, shape }) => {
        const isNew = shapes !== shape.join();
        shapes = shape.join();
        return weights.map((w) => Math.abs(w) + (isNew && shape.length === 4 ? 0 : 1));
      },
    });
    expect(byOrder).not.toEqual([]);
  });

  it('find a buffer that is read as if it began with the tensor', async () => {
    const failed = await failedBy({
      score: ({ weights }) => new Float32Array(weights.buffer, 0, weights.length).map(Math.abs),
    });
    expect(failed).toEqual(['gives the same bits for tensors that lie inside larger buffers']);
  });

  it('find an input that was changed, or given back', async () => {
    const name = 'leaves its input as it was, and answers with an array of its own';
    const inPlace = await failedBy({
      score: ({ weights }) => {
        weights.forEach((w, i) => (weights[i] = Math.abs(w)));
        return weights.slice();
      },
    });
    expect(inPlace).toEqual([name]);
    expect(await failedBy({ score: ({ weights }) => weights })).toEqual([name]);
    const mask = await failedBy({
      needs: ['weights', 'previousMask'],
      score: ({ weights, previousMask }) => {
        previousMask?.set(0, false);
        return weights.map(Math.abs);
      },
    });
    expect(mask).toEqual([name]);
  });

  it('find a tensor that is used and not declared, and give all that are', async () => {
    const undeclared = await failedBy({
      score: ({ weights, gradients }) => weights.map((w, i) => Math.abs(w * (gradients?.[i] ?? 1))),
    });
    expect(undeclared).toEqual(['asks only for what it declares']);
    const needs = [
      'weights',
      'gradients',
      'unitTaylor',
      'firstMoment',
      'secondMoment',
      'inputNorms',
    ] as const;
    const all = await failedBy({
      needs,
      score: ({ weights, ...given }) => {
        for (const need of needs.slice(1)) if (!given[need as 'gradients']) throw new TypeError(`no ${need}`);
        if (given.inputNorms?.length !== given.shape.at(-2)) throw new TypeError('inputNorms');
        if (given.unitTaylor?.length !== given.shape.at(-1)) throw new TypeError('unitTaylor');
        return weights.map(Math.abs);
      },
    });
    expect(all).toEqual([]);
  });

  it('find work that grows with the square of the layer', async () => {
    const failed = await failedBy({
      score: ({ weights }) =>
        weights.map((w, i) => {
          let rank = Math.abs(w);
          // Of the small layers too little to notice.
          for (let k = 0; k < weights.length && weights.length > 1000; k++)
            rank += weights[k] > weights[i] ? 1 : 0;
          return rank;
        }),
    });
    expect(failed).toEqual(['costs in proportion to the size of the layer, and keeps nothing']);
  });

  it('take a plain error as the refusal of options that do not go together, but no other error, and none for the defaults', async () => {
    const options = {
      n: { type: 'integer', default: 2, minimum: 1, maximum: 4, description: 'How many.' },
    } as const;
    const refusing = (Kind: new (message: string) => Error, at: number) =>
      failedBy({
        options,
        score: ({ weights, options: { n } }) => {
          if (n === at) throw new Kind('n must be below m');
          return weights.map(Math.abs);
        },
      });
    expect(await refusing(Error, 4)).toEqual([]);
    expect(await refusing(TypeError, 4)).toContain(FINITE);
    expect(await refusing(Error, 2)).toContain(FINITE);
  });
});
