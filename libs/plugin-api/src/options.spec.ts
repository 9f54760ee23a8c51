import { defaultsOf, optionsJsonSchema, readOptions, type OptionsSchema } from './options';

const SCHEMA = {
  power: { type: 'number', default: 2, exclusiveMinimum: 0, maximum: 8, description: 'exponent' },
  steps: { type: 'integer', default: 3, minimum: 1, description: 'steps' },
  norm: { type: 'string', default: 'l1', enum: ['l1', 'l2'], description: 'which norm' },
  signed: { type: 'boolean', default: false, description: 'with signs' },
} as const satisfies OptionsSchema;

describe('readOptions', () => {
  it('puts what is given over the defaults', () => {
    expect(readOptions(SCHEMA, { power: 3 }, 'criterion "mine"')).toEqual({
      ...defaultsOf(SCHEMA),
      power: 3,
    });
  });

  it('names the nearest option when there is none of that name', () => {
    expect(() => readOptions(SCHEMA, { powre: 3 }, 'criterion "mine"')).toThrow(
      'the criterion "mine" has no option "powre"; did you mean "power"?',
    );
  });

  it.each([
    [{ power: 0 }, 'must be a number, above 0 and at most 8, but it is 0'],
    [{ power: NaN }, 'must be a number, above 0 and at most 8, but it is null'],
    [{ steps: 1.5 }, 'must be a whole number, at least 1, but it is 1.5'],
    [{ norm: 'l3' }, 'must be one of l1, l2, but it is "l3"'],
    [{ signed: 1 }, 'must be true or false, but it is 1'],
  ])('refuses %j', (given, problem) => {
    expect(() => readOptions(SCHEMA, given, 'criterion "mine"')).toThrow(problem);
  });
});

describe('optionsJsonSchema', () => {
  it('is an object without other properties', () => {
    expect(optionsJsonSchema(SCHEMA)).toMatchObject({ additionalProperties: false, properties: SCHEMA });
  });
});
