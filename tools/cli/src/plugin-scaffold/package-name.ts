/** From what was typed to the names of a plugin: its package and its contribution. */
import { cliError } from '../errors';

export interface PluginNames {
  /** `espalier-plugin-mine`, or `@me/espalier-plugin-mine`. */
  readonly packageName: string;
  /** `mine` */
  readonly contribution: string;
  /** The package's name without its scope: what the folder is called. */
  readonly folder: string;
}

const PREFIX = 'espalier-plugin-';
const NAME = /^(@[a-z0-9][a-z0-9-]*\/)?(?:espalier-plugin-)?([a-z][a-z0-9-]*)$/;

export function pluginNames(typed: string): PluginNames {
  const match = NAME.exec(typed);
  if (!match) {
    const expected = 'a name of lower-case letters, digits and "-", such as mine or @me/mine';
    throw cliError('CLI_OPTION', { option: 'NAME', value: typed, expected });
  }
  const [, scope = '', contribution] = match;
  const folder = `${PREFIX}${contribution}`;
  return { packageName: `${scope}${folder}`, contribution, folder };
}
