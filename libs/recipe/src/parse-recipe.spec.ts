import { CODINGS } from '@espalier/encoding';
import { CRITERIA, GRANULARITIES, SCHEDULES } from '@espalier/pruning';
import { parseRecipe, validateRecipe } from './parse-recipe';
import type { Recipe } from './recipe-schema';

const minimal = `version: 1
name: small
network: lenet-300-100
train:
  epochs: 2
  learningRate: { kind: constant, base: 0.001 }
`;

const parse = (text: string, sets: string[] = []): Recipe =>
  parseRecipe(text, { file: 'r.yaml', sets }).recipe;
const problems = (text: string, sets: string[] = []): string[] =>
  validateRecipe(text, { file: 'r.yaml', sets }).problems.map(({ message }) => message);
/** The problems of the minimal recipe with more lines below it. */
const problemsWith = (lines: string): string[] => problems(minimal + lines);

const pruning = `prune: { keep: { global: 0.1 }, schedule: { rounds: 3 } }
retrain:
  epochs: 1
  learningRate: { kind: cosine, base: 0.001 }
`;

describe('parseRecipe', () => {
  it('fills in every default and looks the network up', () => {
    expect(parse(minimal)).toMatchObject({
      seed: 1,
      network: { name: 'lenet-300-100', input: [28, 28, 1] },
      data: { format: 'mnist', heldOut: 5000 },
      train: {
        batchSize: 128,
        optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999 },
        augment: { shiftPx: 0, strength: 1, probability: 1 },
        learningRate: { kind: 'constant', warmupEpochs: 0 },
        l2: 0,
      },
      encode: { biasBits: 16, codebook: 'float16' },
    });
  });

  it('takes as many bits a bias as the file can hold', () => {
    const bits = (value: number) => `${minimal}encode: { biasBits: ${value} }\n`;
    for (const value of [2, 3, 8, 15, 16, 32]) expect(parse(bits(value)).encode.biasBits).toBe(value);
    for (const value of [1, 17, 31, 2.5]) {
      expect(problems(bits(value))).toEqual([
        expect.stringMatching(
          new RegExp(`r.yaml:7:21: "encode.biasBits" should be .* >= 2 and <= 16, or 32, but is ${value}`),
        ),
      ]);
    }
  });

  it('takes a network that is written in the recipe', () => {
    const { network } = parse(
      minimal.replace('lenet-300-100', '{ input: [784], layers: [{ type: dense, units: 10 }] }'),
    );
    expect(network.layers).toEqual([
      { type: 'dense', name: 'dense1', inputs: ['input'], units: 10, bias: true },
    ]);
  });

  it('lists all problems at once, in the order of the text, each with line and column', () => {
    const text = `version: 1
name: small
network: lenet-300-100
sead: 3
train:
  epochs: ten
  learningRate: { kind: cosin, base: 1 }
  optimiser: { kind: adam }
  augment: { shiftPx: -1 }
`;
    expect(problems(text)).toEqual([
      'RECIPE_UNKNOWN_KEY: r.yaml:4:1: a recipe has no key "sead"; did you mean "seed"?',
      'RECIPE_TYPE: r.yaml:6:11: "train.epochs" should be a whole number >= 1, but is "ten".',
      'RECIPE_UNKNOWN_NAME: r.yaml:7:25: "train.learningRate.kind" is "cosin", but there is no such kind; did you mean "cosine"?',
      'RECIPE_UNKNOWN_KEY: r.yaml:8:3: "train" has no key "optimiser"; did you mean "optimizer"?',
      'RECIPE_VALUE: r.yaml:9:23: "train.augment.shiftPx" should be a number >= 0, but is -1.',
    ]);
    expect(() => parse(text)).toThrow(
      /^RECIPE_INVALID: r.yaml has 5 problems:\n {2}RECIPE_UNKNOWN_KEY: r.yaml:4:1/,
    );
  });

  it('keeps the problems as the cause, with their codes and places', () => {
    try {
      parse(minimal.replace('epochs', 'epoch'));
    } catch (error) {
      const { errors } = (error as { cause: AggregateError }).cause;
      expect(errors.map(({ code, details }) => [code, details.line, details.column])).toEqual([
        ['RECIPE_MISSING', 5, 3],
        ['RECIPE_UNKNOWN_KEY', 5, 3],
      ]);
    }
    expect.assertions(1);
  });

  it('speaks of the branch that was meant where several shapes are allowed', () => {
    const text = minimal + pruning;
    expect(problems(text.replace('global: 0.1', 'globl: 0.1'))).toEqual([
      'RECIPE_UNKNOWN_KEY: r.yaml:7:18: "prune.keep" has no key "globl"; did you mean "global"?',
    ]);
    expect(problems(text.replace('epochs: 1', 'epochs: { perRound: 1.5, last: 3 }'))).toEqual([
      'RECIPE_TYPE: r.yaml:9:23: "retrain.epochs.perRound" should be a whole number >= 0, but is 1.5.',
    ]);
    expect(problems(text.replace('epochs: 1', 'epochs: x'))).toEqual([
      'RECIPE_TYPE: r.yaml:9:11: "retrain.epochs" should be a whole number >= 1, or a map with perRound, last, but is "x".',
    ]);
  });

  it('finds misspelt keys and types of layers', () => {
    const withLayers = (layers: string) =>
      problems(minimal.replace('lenet-300-100', `{ input: [784], layers: [${layers}] }`));
    expect(withLayers('{ type: dens, units: 10 }')).toEqual([
      'RECIPE_UNKNOWN_NAME: r.yaml:3:43: "network.layers.0.type" is "dens", but there is no such type; did you mean "dense"?',
    ]);
    expect(withLayers('{ type: dense, unit: 10 }')).toEqual([
      'RECIPE_MISSING: r.yaml:3:35: "network.layers.0.units" is missing; it should be a whole number >= 1 and <= 1048576.',
      'RECIPE_UNKNOWN_KEY: r.yaml:3:50: "network.layers.0" has no key "unit"; did you mean "units"?',
    ]);
    expect(withLayers('{ type: conv2d, filters: 2, kernel: 5 }')).toEqual([
      expect.stringMatching(/^RECIPE_NETWORK: r.yaml:3:10: the network cannot be built: NETWORK_SHAPE/),
    ]);
  });

  it.each([
    ['a: [', 'RECIPE_SYNTAX: r.yaml:1:5'],
    ['', 'RECIPE_TYPE: r.yaml:1:1: "the recipe" should be a map with version, name'],
    ['- 1', 'RECIPE_TYPE: r.yaml:1:1'],
    [minimal.replace('version: 1', 'version: 2'), 'RECIPE_VERSION: r.yaml:1:10: the recipe has version 2'],
    [minimal.replace('lenet-300-100', 'lenet5'), 'RECIPE_UNKNOWN_NAME: r.yaml:3:10: "network" is "lenet5"'],
    [`${minimal}name: again\n`, 'RECIPE_SYNTAX: r.yaml:7:1'],
    [`${minimal}seed: .nan\n`, 'RECIPE_TYPE: r.yaml:7:7: "seed"'],
    [`${minimal}---\nname: other\n`, 'RECIPE_SYNTAX'],
    [
      `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [${'*c, '.repeat(60)}*c]`,
      'RECIPE_SYNTAX: r.yaml:1:1',
    ],
  ])('refuses what is no recipe (case %#)', (text, start) => {
    expect(problems(text)[0]).toMatch(new RegExp(`^${start.replace(/[.[\]]/g, '\\$&')}`));
  });
});

describe('--set', () => {
  it('changes values, makes maps that lack, and reaches into lists', () => {
    const recipe = parse(minimal, [
      'train.epochs=7',
      'data={format: mnist, heldOut: 0}',
      'train.augment.shiftPx=2',
    ]);
    expect(recipe).toMatchObject({ data: { heldOut: 0 }, train: { epochs: 7, augment: { shiftPx: 2 } } });
    const listed = minimal + 'prune: { quality: { fc1: [1, 2, 3] }, schedule: { rounds: 3 } }\n';
    expect(parse(listed, ['prune.quality.fc1.1=9']).prune?.quality).toEqual({ fc1: [1, 9, 3] });
  });

  it('lets the last one win', () => {
    expect(parse(minimal, ['seed=5', 'seed=6']).seed).toBe(6);
  });

  it('gives errors as the file does, naming the option', () => {
    expect(problems(minimal, ['train.batchSize=many', 'tran.epochs=1'])).toEqual([
      'RECIPE_TYPE: --set train.batchSize=many: "train.batchSize" should be a whole number >= 1, but is "many".',
      expect.stringMatching(
        /^RECIPE_UNKNOWN_KEY: --set tran.epochs=1: a recipe has no key "tran"; did you mean "train"\?/,
      ),
    ]);
    expect(problems(minimal, ['=3'])[0]).toMatch(/^RECIPE_SET/);
    expect(problems(minimal, ['seed'])[0]).toMatch(/^RECIPE_SET/);
    expect(problems(minimal, ['seed=['])[0]).toMatch(/^RECIPE_SYNTAX: --set seed=\[/);
  });

  it('does not reach outside the recipe', () => {
    expect(problems(minimal, ['__proto__.polluted=1'])[0]).toMatch(
      /^RECIPE_SET: .*"__proto__" cannot be a key/,
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('inheritance', () => {
  it('lets retrain begin from train, and share.retrain from retrain', () => {
    const text = `version: 1
name: small
network: lenet-300-100
train:
  epochs: 2
  batchSize: 64
  l2: 0.01
  augment: { shiftPx: 2, rotationDegrees: 10 }
  learningRate: { kind: constant, base: 0.001 }
${pruning}  augment: { strength: 0.3 }
  l2: 0
  distill: {}
share: { bits: 3, retrain: { epochs: 1, batchSize: 32, learningRate: { kind: constant, base: 0.001 } } }
`;
    const { retrain, share } = parse(text);
    const augment = { shiftPx: 2, rotationDegrees: 10, scale: 0, shear: 0, strength: 0.3, probability: 1 };
    expect(retrain).toMatchObject({ batchSize: 64, l2: 0, epochs: { perRound: 1, last: 1 } });
    // Exactly these keys: a further one would make other stages of the same recipe.
    expect(retrain?.augment).toEqual(augment);
    expect(retrain?.distill).toEqual({ temperature: 2, weight: 0.5 });
    expect(share?.retrain).toMatchObject({ batchSize: 32, l2: 0, augment, distill: { temperature: 2 } });
  });

  it('takes augment.elastic as one key', () => {
    const learningRate = 'learningRate: { kind: constant, base: 0.001 }';
    const text = (train: string, retrain: string) => `
version: 1
name: r
network: lenet-300-100
train: { epochs: 2, ${learningRate}, augment: ${train} }
${pruning}  augment: ${retrain}
`;
    const train = '{ scaleY: 0.06, elastic: { grid: 7, px: 0.6 } }';
    const augmentOf = (retrain: string) => parse(text(train, retrain)).retrain?.augment;
    expect(augmentOf('{ strength: 0.5 }')).toMatchObject({ scaleY: 0.06, elastic: { grid: 7, px: 0.6 } });
    expect(augmentOf('{ elastic: { px: 0.45 } }')).toMatchObject({
      scaleY: 0.06,
      elastic: { grid: 5, px: 0.45 },
    });
  });
});

describe('straight-through sharing', () => {
  const sharing = (straightThrough: string): string =>
    `share: { bits: 3, retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 }${straightThrough} } }\n`;

  it('is left out unless it is asked for, and then has its defaults', () => {
    expect(parse(minimal + sharing('')).share?.retrain).not.toHaveProperty('straightThrough');
    const asked = parse(minimal + sharing(', straightThrough: {}')).share?.retrain;
    expect(asked?.straightThrough).toEqual({ share: 0.6, everySteps: 20 });
  });

  it('needs a share above 0, and whole steps', () => {
    expect(problemsWith(sharing(', straightThrough: { share: 0 }'))[0]).toMatch(/^RECIPE_VALUE/);
    expect(problemsWith(sharing(', straightThrough: { share: 1.1 }'))[0]).toMatch(/^RECIPE_VALUE/);
    expect(problemsWith(sharing(', straightThrough: { everySteps: 0 }'))[0]).toMatch(/^RECIPE_VALUE/);
  });
});

describe('sensitivity curves', () => {
  const asked = (section: string): string => `prune: { keep: { global: 0.1 }, sensitivity: ${section} }\n`;

  it('are left out unless they are asked for, and then have their defaults', () => {
    expect(parse(`${minimal}prune: { keep: { global: 0.1 } }\n`).prune).not.toHaveProperty('sensitivity');
    expect(parse(minimal + asked('{}')).prune?.sensitivity).toEqual({
      keep: [0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01],
      retrainSteps: 100,
    });
  });

  it('need shares above 0, at least one, and samples that are held out', () => {
    expect(problemsWith(asked('{ keep: [0] }'))[0]).toMatch(/^RECIPE_VALUE/);
    expect(problemsWith(asked('{ keep: [] }'))[0]).toMatch(/^RECIPE_VALUE/);
    expect(problemsWith(asked('{ retrainSteps: -1 }'))[0]).toMatch(/^RECIPE_VALUE/);
    expect(problems(minimal + asked('{}'), ['data={ format: mnist, heldOut: 0 }'])).toEqual([
      expect.stringMatching(
        /^RECIPE_CONFLICT.*"prune.sensitivity" measures on samples that training does not see/,
      ),
    ]);
  });

  it('have no share twice', () => {
    expect(problemsWith(asked('{ keep: [0.5, 0.1, 0.5] }'))).toEqual([
      expect.stringMatching(/^RECIPE_CONFLICT: r.yaml:.*"prune.sensitivity.keep" lists 0.5 twice/),
    ]);
  });

  it('have no more points than one result can hold', () => {
    const shares = (count: number): string =>
      `{ keep: [${Array.from({ length: count }, (_, i) => (i + 1) / count).join(', ')}] }`;
    expect(parse(minimal + asked(shares(301))).prune?.sensitivity?.keep).toHaveLength(301);
    expect(problemsWith(asked(shares(302)))).toEqual([
      expect.stringMatching(
        /^RECIPE_CONFLICT: r.yaml:.*3 kernels x 302 shares = 906 points, .*; list at most 301 shares for network "lenet-300-100"\.$/,
      ),
    ]);
  });

  it('are refused for a network with too many kernels for any', () => {
    const layers = Array.from({ length: 330 }, () => ({ type: 'dense', units: 10 }));
    const network = JSON.stringify({ input: [784], layers });
    expect(problems(minimal + asked('{ keep: [0.5] }'), [`network=${network}`])).toEqual([
      expect.stringMatching(
        /330 kernels x 1 shares = 330 points, .*too many for curves: leave "prune.sensitivity" out\.$/,
      ),
    ]);
  });
});

describe('what a schema cannot say', () => {
  it('names patterns that match no layer, with the nearest name', () => {
    expect(
      problemsWith(
        "prune: { keep: { layers: { fc7: 0.1, 'conv*': 0.2, dense: 0.3 } } }\nshare: { bits: { cf2: 3 } }\n",
      ),
    ).toEqual([
      'RECIPE_LAYER_PATTERN: r.yaml:7:28: "fc7" in "prune.keep.layers" matches no prunable layer of the network "lenet-300-100"; did you mean "fc1"?',
      expect.stringContaining('r.yaml:7:38: "conv*" in "prune.keep.layers" matches no prunable layer'),
      expect.stringContaining('r.yaml:8:18: "cf2" in "share.bits" matches no prunable layer'),
    ]);
    expect(problems(minimal, ['train.dropout={fc1: 0.5}'])).toEqual([
      expect.stringContaining(
        '"fc1" in "train.dropout" matches no dropout layer of the network "lenet-300-100"; there are none',
      ),
    ]);
  });

  it('refuses two patterns that speak of one layer alike', () => {
    expect(problemsWith("prune: { keep: { layers: { 'fc*': 0.1, '*c1': 0.2 } } }\n")[0]).toContain(
      '"fc*" and "*c1" in "prune.keep.layers" both speak of layer "fc1"',
    );
  });

  it.each([
    ['prune: {}', '"prune" does not say how much'],
    ['prune: { keep: { global: 0.1 }, quality: 1 }', 'says how much in two ways'],
    [
      'prune: { quality: { fc1: [1, 2] }, schedule: { rounds: 3 } }',
      '"prune.quality.fc1" lists 2 rounds, but prune.schedule.rounds is 3',
    ],
    ['prune: { quality: [1] , schedule: { rounds: 2 } }', '"prune.quality" lists 1 rounds'],
    ['prune: { keep: { global: 0.1 }, during: { everySteps: 10 } }', 'there is no "retrain"'],
    ['prune: { keep: { global: 0.1 }, criterion: magnitud }', 'no such criterion; did you mean "magnitude"?'],
    [
      'prune: { keep: { global: 0.1 }, schedule: { kind: cubik } }',
      'no such schedule; did you mean "cubic"?',
    ],
    ['prune: { keep: { global: 0.1 }, granularity: filtre }', 'did you mean "filter"?'],
    [
      'prune: { keep: { global: 0.1 }, criterion: { name: magnitude-normalised, options: { bye: std } } }',
      'r.yaml:7:85: criterion "magnitude-normalised" has no key "bye"; did you mean "by"?',
    ],
    [
      'prune: { keep: { global: 0.1 }, criterion: { name: magnitude-normalised, options: { by: mad } } }',
      'r.yaml:7:89: "prune.criterion.options.by" should be one of std, mean, but is "mad"',
    ],
    [
      'prune: { quality: 1, criterion: taylor }',
      'r.yaml:7:10: "prune.quality" compares |w| with a standard deviation and so needs the criterion "magnitude", but it is "taylor"',
    ],
    [
      'prune: { keep: { global: 0.1 }, criterion: fisher }\nretrain: { epochs: 1, learningRate: { kind: constant, base: 1 }, optimizer: { kind: sgd } }',
      'the criterion "fisher" scores by Adam\'s second moment, but retrain.optimizer is "sgd"',
    ],
    [
      'prune: { keep: { global: 0.1 }, criterion: fisher }\nretrain: { epochs: 1, learningRate: { kind: constant, base: 1 }, keepOptimizer: false }',
      'retrain.keepOptimizer is false, so that later rounds find none',
    ],
    [
      'encode: { codings: [dense16, arithmatic] }',
      'r.yaml:7:30: "encode.codings.1" is "arithmatic", but there is no such coding; did you mean "arithmetic"?',
    ],
    [
      'prune: { keep: { global: 0.1 } }\nbudget: { maxError: 0.02 }',
      'r.yaml:8:1: "budget" judges rounds by what retraining reaches, but there is no "retrain"',
    ],
    ['share: { bits: 3, levels: 8 }', '"share" needs one of "bits" and "levels"'],
    ['share: { bits: 3 }\nquantize: { bits: 4 }', 'two ways to do one thing'],
    ['budget: { maxError: 0.02 }', '"budget" judges rounds, but there is no "prune"'],
    [`${pruning}budget: {}`, '"budget" needs "maxErrorIncrease" or "maxError"'],
    ['retrain: { epochs: 1, learningRate: { kind: constant, base: 1 } }', 'there is no "prune"'],
    [
      `data: { format: mnist, heldOut: 0 }\n${pruning}budget: { maxError: 0.02 }`,
      'set data.heldOut to more than 0',
    ],
    [`${pruning}  freeze: { alternate: conv-fc }`, 'does not have both conv2d and dense layers'],
    [`${pruning}  freeze: { layers: [conv1] }`, 'matches no trained layer'],
  ])('refuses %s', (lines, problem) => {
    expect(problemsWith(`${lines}\n`).join('\n')).toContain(problem);
  });

  it('wants something to start from', () => {
    expect(problems('version: 1\nname: a\nnetwork: lenet-5\n')[0]).toContain(
      'there is nothing to start from',
    );
    expect(problems('version: 1\nname: a\nnetwork: lenet-5\ninit: { from: w.safetensors }\n')).toEqual([]);
  });

  it('wants a network that takes the data', () => {
    expect(problems(minimal.replace('lenet-300-100', 'alexnet'))[0]).toContain(
      'network "alexnet" takes [227, 227, 3], but the data are [28, 28, 1]',
    );
    const tooFew = minimal.replace('lenet-300-100', '{ input: [784], layers: [{ type: dense, units: 9 }] }');
    expect(problems(tooFew)[0]).toContain('knows 9 classes, but the data have 10');
  });

  it('takes every criterion, granularity, schedule and coding that is built in', () => {
    const names = (sections: (name: string) => string, known: readonly string[]): string[] =>
      known.flatMap((name) => problemsWith(`${sections(name)}\n`));
    expect([
      ...names(
        (name) => `prune: { keep: { global: 0.1 }, criterion: ${name}, granularity: unit }`,
        Object.keys(CRITERIA),
      ),
      ...names(
        (name) => `prune: { keep: { global: 0.1 }, granularity: ${name} }`,
        Object.keys(GRANULARITIES),
      ),
      ...names(
        (name) => `prune: { keep: { global: 0.1 }, schedule: { kind: ${name} } }`,
        Object.keys(SCHEDULES),
      ),
      ...names((name) => `encode: { codings: [${name}] }`, CODINGS),
    ]).toEqual([]);
  });

  it('freezes layers of normalisation, too', () => {
    const layers = `[{ type: dense, name: fc1, units: 20 }, { type: batchNorm, name: bn1 }, { type: dense, units: 10 }]`;
    const text = minimal.replace('lenet-300-100', `{ input: [784], layers: ${layers} }`);
    expect(problems(`${text}${pruning}  freeze: { layers: [bn1, batchNorm] }\n`)).toEqual([]);
  });

  it('takes names that plugins bring', () => {
    const text = `${minimal}prune: { keep: { global: 0.1 }, criterion: { name: mine, options: { a: [1] } } }\n`;
    const mine = text + 'encode: { codings: [zip] }\n';
    const { recipe } = parseRecipe(mine, { names: { criteria: ['mine'], codings: ['zip'] } });
    expect(recipe.prune?.criterion).toEqual({ name: 'mine', options: { a: [1] } });
  });
});
