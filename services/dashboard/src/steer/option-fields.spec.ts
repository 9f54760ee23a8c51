import { optionFields, optionValues } from './option-fields';

const SCHEMA = {
  type: 'object',
  properties: {
    batches: { type: 'integer', minimum: 1, maximum: 500, default: 50, description: 'Batches averaged' },
    decay: { type: 'number', exclusiveMinimum: 0 },
    absolute: { type: 'boolean', default: true },
    norm: { type: 'string', enum: ['l1', 'l2'], default: 'l2' },
    note: { type: 'string' },
    layers: { type: 'array', items: { type: 'string' } },
    seed: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  },
  required: ['batches', 'decay'],
};
const fields = optionFields(SCHEMA);

describe('the form of options', () => {
  it('has a field for each property, with limits and default', () => {
    expect(fields).toEqual([
      {
        kind: 'number',
        name: 'batches',
        description: 'Batches averaged',
        required: false,
        whole: true,
        least: 1,
        most: 500,
        value: 50,
      },
      { kind: 'number', name: 'decay', required: true, whole: false, least: 0 },
      { kind: 'flag', name: 'absolute', required: false, value: true },
      { kind: 'choice', name: 'norm', required: false, choices: ['l1', 'l2'], value: 'l2' },
      { kind: 'text', name: 'note', required: false },
      { kind: 'json', name: 'layers', required: false },
      { kind: 'number', name: 'seed', required: false, whole: true },
    ]);
  });

  it('begins with what was given, else with the default', () => {
    const begun = optionFields(SCHEMA, { decay: 0.5, absolute: false, norm: 'l1', layers: ['fc1'], else: 1 });
    const values = begun.map((field) => [field.name, field.value, field.required]);
    expect(values).toEqual([
      ['batches', 50, false],
      ['decay', 0.5, true],
      ['absolute', false, false],
      ['norm', 'l1', false],
      ['note', undefined, false],
      ['layers', ['fc1'], false],
      ['seed', undefined, false],
    ]);
  });

  it('has no field where there are no options', () => {
    expect(optionFields({ type: 'object' })).toEqual([]);
    expect(optionFields(null)).toEqual([]);
  });

  it('gives values of the right types, and leaves out what is empty', () => {
    const given = { batches: '20', decay: '0.5', absolute: false, norm: 'l1', note: ' ', layers: '["fc1"]' };
    expect(optionValues(fields, given)).toEqual({
      batches: 20,
      decay: 0.5,
      absolute: false,
      norm: 'l1',
      layers: ['fc1'],
    });
  });

  it.each([
    [{}, '"decay" must be given'],
    [{ decay: 'much' }, '"decay" must be a number'],
    [{ decay: '1', batches: '1.5' }, '"batches" must be a whole number'],
    [{ decay: '1', layers: '[fc1' }, '"layers" must be JSON'],
  ])('says what is wrong with %j', (given, problem) => {
    expect(() => optionValues(fields, given as Record<string, string>)).toThrow(problem);
  });
});
