import { defineCriterion, definePlugin, type PluginDefinition } from './define-plugin';

const MINE: PluginDefinition = {
  name: 'espalier-plugin-mine',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: { mine: { needs: ['weights'], score: ({ weights }) => weights.map(Math.abs) } },
};

describe('definePlugin', () => {
  it('gives a criterion of a few lines back as it is', () => {
    expect(definePlugin(MINE)).toBe(MINE);
  });

  it('says what is wrong with a name, a version, a host range, and with nothing to contribute', () => {
    const wrong =
      (change: object): (() => unknown) =>
      () =>
        definePlugin({ ...MINE, ...change });
    expect(wrong({ name: 'Mine' })).toThrow('its "name" must be a package name in lower case');
    expect(wrong({ version: '1' })).toThrow('its "version" must be a semantic version');
    expect(wrong({ host: undefined })).toThrow('its "host" must be the range of host versions');
    expect(wrong({ criteria: {} })).toThrow('it contributes nothing');
  });

  it('says which contribution lacks its function, asks for what there is not, or has a default that does not fit', () => {
    const criterion = (change: object): (() => unknown) => {
      const criteria = { mine: { ...MINE.criteria?.['mine'], ...change } } as PluginDefinition['criteria'];
      return () => definePlugin({ ...MINE, criteria });
    };
    expect(criterion({ score: 3 })).toThrow('its criterion "mine" has no function "score"');
    expect(criterion({ needs: ['hessian'] })).toThrow(
      'needs "hessian", but there are only weights, gradients',
    );
    expect(criterion({ needs: undefined })).toThrow("must say what it needs, such as needs: ['weights']");
    const power = { type: 'number', default: -1, minimum: 0, description: 'exponent' };
    expect(criterion({ options: { power } })).toThrow('whose default does not fit');
    expect(() => definePlugin({ ...MINE, schedules: { Bad: { completion: () => 1 } } })).toThrow(
      'its schedule "Bad" needs a name of lower-case letters',
    );
  });

  it('knows the types of the options inside a criterion that is defined by itself', () => {
    const criterion = defineCriterion({
      needs: ['weights'],
      options: { power: { type: 'number', default: 2, description: 'exponent' } },
      score: ({ weights, options }) => weights.map((w) => Math.abs(w) ** options.power),
    });
    expect(criterion.options?.power.default).toBe(2);
  });
});
