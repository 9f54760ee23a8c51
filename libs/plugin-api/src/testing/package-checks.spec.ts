import { HOST_VERSION, type Plugin } from '../define-plugin';
import { checkPlugin } from './check-plugin';
import { isInRange } from './host-range';
import type { PackageJson } from './package-checks';

const MINE: Plugin = {
  name: 'espalier-plugin-mine',
  version: '1.2.3',
  host: `^${HOST_VERSION}`,
  schedules: { straight: { completion: (progress) => progress } },
};

async function problems(plugin: unknown, packageJson?: PackageJson): Promise<string[]> {
  const { checks } = await checkPlugin(plugin as Plugin, { ...(packageJson && { packageJson }) });
  return checks.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`]));
}

describe('checks of the plugin itself', () => {
  it('pass where name, version and host fit', async () => {
    expect(await problems(MINE, { name: 'espalier-plugin-mine', version: '1.2.3' })).toEqual([]);
  });

  it('are the only ones for what is no plugin', async () => {
    expect(await problems(undefined)).toEqual(['is well defined: it is undefined']);
    const { checks } = await checkPlugin({ ...MINE, schedules: {} });
    expect(checks).toMatchObject([{ of: 'plugin', name: 'is well defined', passed: false }]);
  });

  it('find a package.json that says something else, and a field with a typing error', async () => {
    expect(await problems(MINE, { name: 'espalier-plugin-mine', version: '1.2.4' })).toEqual([
      'agrees with its package.json: its version is "1.2.3", but in package.json it is "1.2.4"',
    ]);
    expect(await problems({ ...MINE, shedules: {} })).toEqual([
      'has no field that nobody reads: the plugin has a field "shedules"; did you mean "schedules"?',
    ]);
  });

  it('find a host that this is not', async () => {
    expect(await problems({ ...MINE, host: '^9.0.0' })).toEqual([
      `was made for this version of the contracts: it is made for ^9.0.0, and this is ${HOST_VERSION}`,
    ]);
    expect((await problems({ ...MINE, host: 'any' }))[0]).toContain('the range "any" is none');
  });

  it('find options without a description, in a range that is none, or of no known type', async () => {
    const withOption = (option: object): unknown => ({
      ...MINE,
      schedules: { straight: { ...MINE.schedules?.['straight'], options: { power: option } } },
    });
    const name = 'describes each option: name, type, range, default, and a sentence for people';
    expect(await problems(withOption({ type: 'number', default: 1, description: '' }))).toEqual([
      `${name}: option "power" has no description`,
    ]);
    expect(await problems(withOption({ type: 'float', default: 1, description: 'x' }))).toContain(
      `${name}: option "power" has type "float"; there are number, integer, boolean, string`,
    );
  });
});

describe('isInRange', () => {
  it.each([
    ['1.2.3', '^1.0.0', true],
    ['2.0.0', '^1.0.0', false],
    ['1.0.0', '^1.0.1', false],
    ['0.2.9', '^0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['0.0.4', '^0.0.3', false],
    ['1.2.9', '~1.2.3', true],
    ['1.3.0', '~1.2', false],
    ['1.9.0', '~1', true],
    ['1.5.0', '1.x', true],
    ['1.5.0', '1', true],
    ['2.0.0', '1', false],
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '=1.2.3', false],
    ['2.5.0', '>=1.2.0 <3', true],
    ['3.0.0', '>=1.2.0 <3', false],
    ['3.0.0', '>= 1.2.0', true],
    ['1.2.9', '>1.2', false],
    ['1.3.0', '>1.2', true],
    ['1.2.9', '<=1.2', true],
    ['2.1.0', '^1.0.0 || ^2.0.0', true],
    ['7.0.0', '*', true],
    ['7.0.0', '', true],
    ['1.0.0', 'latest', undefined],
  ])('says of %s in "%s": %s', (version, range, expected) => {
    expect(isInRange(version, range)).toBe(expected);
  });
});
