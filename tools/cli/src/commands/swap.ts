/** `espalier swap`: another criterion in a run that goes on, from its next round. */
import { errorCode, type JsonValue } from '@espalier/base';
import { readOptions, splitReference, type OptionsSchema, type OptionValue } from '@espalier/plugin-api';
import { openPluginHost, stagePlugins } from '@espalier/plugin-host';
import {
  criterionOfRound,
  findReference,
  pinnedReference,
  pluginEntry,
  pluginNameOf,
  type PluginEntry,
  type PluginFacts,
  type PluginsFacts,
  type ResolvedRecipe,
  type Swap,
} from '@espalier/recipe';
import { planSwap, pluginsInProcess } from '@espalier/stages';
import { RunLog } from '@espalier/store';
import type { Command } from 'commander';
import { examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { lockFolder } from '../folder-lock';
import { HubClient, type HubAddress } from '../hub-client';
import { DEFAULT_RUNS } from '../installation';
import { matchingRun } from '../matching-run';
import { present } from '../output/terminal';
import { allowMore, placesOf } from '../plugin-places';
import { lookAtPlugins, namedFolder } from '../recipe-plugins';
import { requireRun } from '../run-records';
import { runsFolder, type RunsFolder } from '../runs-folder';
import { readServing } from '../serving';
import { tokenFrom } from '../token';

interface SwapOptions extends CommonOptions {
  readonly criterion: string;
  readonly plugin?: string;
  readonly runs: string;
  readonly hub?: string;
  readonly tokenFile?: string;
}

export const swapCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('<id>', 'the run, or "last"')
      .requiredOption(
        '--criterion <name[:option=value,...]>',
        'the criterion that scores from the next round on: one of ours, or of a plugin',
      )
      .option(
        '--plugin <folder>',
        'the plugin that has it, a folder or an installed package; it is checked first',
      )
      .option('--runs <folder>', 'where runs lie', DEFAULT_RUNS)
      .option('--hub <url>', 'the hub that has the run, instead of the one that works for --runs')
      .option('--token-file <file>', "the hub's token, with --hub (or ESPALIER_TOKEN)")
      .addHelpText(
        'after',
        examples([
          ['espalier swap last --criterion taylor', 'from the next round on'],
          ['espalier swap last --criterion magnitude-normalised:by=mean', 'with an option'],
          ['espalier swap last --criterion mine --plugin ./plugins/mine', 'from a plugin of your own'],
        ]),
      )
      .addHelpText(
        'after',
        '\nThe criterion alone is swapped. Granularity, schedule, regrowth, quantizer and codec stand for a run:\nespalier undo ID --to ROUND --set KEY=VALUE goes on with others from a round on.',
      )
      .action((id: string, options: SwapOptions) => swap(id, options, context));
  },
};

interface Swapped {
  readonly run: string;
  readonly criterion: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly round: number;
  readonly fromStep?: number;
  /** The criterion before. */
  readonly before?: string;
  readonly plugin?: { readonly name: string; readonly version?: string; readonly digest?: string };
}

async function swap(name: string, options: SwapOptions, { terminal }: CommandContext): Promise<void> {
  const folder = runsFolder(options.runs);
  const hub = hubOf(options, folder);
  const wish = (recipe: ResolvedRecipe) => wishOf(recipe, options, folder);
  const done = hub ? await swapAtHub(hub, name, wish) : await swapInLog(folder, name, wish);
  present(terminal, options.json, done, () => sentenceOf(done));
}

/** Somebody's own hub by its token; that of the runs folder by the token that it left there for its owner. */
function hubOf({ hub, tokenFile }: SwapOptions, folder: RunsFolder): HubAddress | undefined {
  if (hub !== undefined) return { url: hub, token: tokenFrom(tokenFile) };
  const serving = readServing(folder);
  if (serving?.steerToken === undefined) return undefined;
  return { url: serving.url, token: serving.steerToken };
}

type Wish = Pick<Swap, 'criterion' | 'plugins'>;
type MakeWish = (recipe: ResolvedRecipe) => Promise<Wish>;

async function swapAtHub(hub: HubAddress, name: string, wish: MakeWish): Promise<Swapped> {
  const client = new HubClient(hub);
  const runs = await client.runs();
  const id = matchingRun(name, runs.map((run) => run.id).sort());
  if (id === undefined) {
    const there = runs.map((run) => run.id).join(', ') || 'none';
    throw cliError('CLI_RUN_UNKNOWN', { run: name, folder: hub.url, present: there });
  }
  const recipe = (await client.run(id)).recipe as unknown as ResolvedRecipe;
  const asked = await wish(recipe);
  const body = JSON.parse(JSON.stringify(asked)) as { [key: string]: JsonValue };
  const after = await client.steer(id, 'swap', body).catch((error: Error) => {
    // Why a plugin was not let in is for its author: by its own name, not as something about a hub.
    throw errorCode(error.cause) === undefined ? error : error.cause;
  });
  const said = (await client.events(id)).findLast(({ type }) => type === 'run.swapped');
  const planned = said?.fields as unknown as Swap;
  return told(id, recipe, after.recipe as unknown as ResolvedRecipe, planned);
}

/** Nobody works on the runs of this folder: the log is written here, as the hub would. */
async function swapInLog(folder: RunsFolder, name: string, wish: MakeWish): Promise<Swapped> {
  using _lock = lockFolder(folder, 'swap');
  const { id, recipe, finished } = await requireRun(folder, name);
  const planned = planSwap(recipe, finished, await wish(recipe));
  await admitHere(planned.recipe, planned.swap);
  await using log = await RunLog.open(folder.file(id, 'events'));
  await log.append('run.swapped', JSON.parse(JSON.stringify(planned.swap)) as { [key: string]: JsonValue });
  return told(id, recipe, planned.recipe, planned.swap);
}

/** Where no service is asked: a plugin that would not score is not logged. @throws PLUGIN_* */
async function admitHere(recipe: ResolvedRecipe, { criterion }: Pick<Swap, 'criterion'>): Promise<void> {
  const { plugin: key } = splitReference(criterion.name);
  const { name, options, plugin } = pinnedReference(recipe, criterion);
  if (key === undefined || !plugin) return;
  await using host = await openPluginHost({ allow: [plugin.name] });
  const places = () => placesOf({ plugins: { [key]: recipe.plugins?.[key] as PluginEntry } }, '');
  await stagePlugins({ host, places, ours: pluginsInProcess() }).admit({ name, options, plugin });
}

function told(
  run: string,
  before: ResolvedRecipe,
  after: ResolvedRecipe,
  { round, fromStep, criterion }: Swap,
): Swapped {
  const { plugin: key } = splitReference(criterion.name);
  const { version, digest } = (key === undefined ? undefined : after.plugins?.[key]) ?? {};
  return {
    run,
    criterion: criterion.name,
    options: criterion.options,
    round,
    ...(fromStep !== undefined && { fromStep }),
    before: criterionOfRound(before, round)?.name,
    ...(key !== undefined && {
      plugin: { name: pluginNameOf(key), ...(version && { version }), ...(digest && { digest }) },
    }),
  };
}

function sentenceOf({ criterion, round, fromStep, before, plugin }: Swapped): string {
  const when = fromStep === undefined ? `round ${round}` : `the next pruning after step ${fromStep}`;
  const what = plugin ? ` (${plugin.name} ${plugin.version}, digest ${plugin.digest?.slice(0, 12)})` : '';
  const instead = before === undefined || before === criterion ? '' : ` instead of ${before}`;
  return `from ${when} on ${criterion}${what} scores${instead}`;
}

/** The criterion in full, with the plugin that it brings; admitted, canary and all, before anything is asked of the run. */
async function wishOf(recipe: ResolvedRecipe, options: SwapOptions, folder: RunsFolder): Promise<Wish> {
  const { name, given } = parseCriterion(options.criterion);
  const brought = options.plugin === undefined ? undefined : await admit(options.plugin, recipe);
  const facts: PluginsFacts = brought
    ? { [brought.key]: brought.facts }
    : await lookAtPlugins(withoutOthers(recipe, name), '');
  const declared = Object.keys(facts);
  const full =
    brought && splitReference(name).plugin === brought.facts.manifest.name
      ? `${brought.key}/${splitReference(name).name}`
      : name;
  const found = findReference('criterion', brought ? ownName(full, brought.key) : full, { declared, facts });
  if (typeof found !== 'object' || !('contribution' in found)) {
    const known =
      typeof found === 'object' && 'known' in found
        ? found.known
        : typeof found === 'object'
          ? found.several
          : [];
    throw cliError('CLI_OPTION', {
      option: '--criterion',
      value: name,
      expected: `one of ${known.join(', ')}`,
    });
  }
  const schema = found.contribution.options ?? {};
  const values = readGiven(schema, given, name);
  if (brought)
    allowMore(folder, [
      { name: brought.facts.manifest.name, from: brought.entry.from, digest: brought.facts.digest },
    ]);
  return {
    criterion: { name: found.full, options: values },
    ...(brought && { plugins: { [brought.key]: brought.entry } }),
  };
}

/** A bare name means the plugin's, where one was brought. */
function ownName(name: string, key: string): string {
  return splitReference(name).plugin === undefined ? `${key}/${name}` : name;
}

/** Only the plugin that is named has to be looked at; none, when it is one of ours. */
function withoutOthers({ plugins = {} }: ResolvedRecipe, name: string): Pick<ResolvedRecipe, 'plugins'> {
  const { plugin } = splitReference(name);
  if (plugin !== undefined)
    return { plugins: Object.hasOwn(plugins, plugin) ? { [plugin]: plugins[plugin] } : {} };
  const isOurs =
    typeof findReference('criterion', name, { declared: [] }) === 'object' &&
    'full' in (findReference('criterion', name, { declared: [] }) as object);
  return { plugins: isOurs ? {} : plugins };
}

interface Brought {
  readonly key: string;
  readonly facts: PluginFacts;
  readonly entry: PluginEntry;
}

/** Who names a plugin on the command line allows it thereby. @throws PLUGIN_* when it is not let in */
async function admit(from: string, { plugins = {} }: ResolvedRecipe): Promise<Brought> {
  const source = namedFolder(from);
  await using host = await openPluginHost({ allow: ['*'] });
  const { ref, manifest } = await host.load({ from: source });
  const facts = { manifest, digest: ref.digest };
  const before = plugins[ref.name];
  const isAnother = before !== undefined && before.digest !== ref.digest;
  const key = isAnother ? `${ref.name}@${ref.digest.slice(0, 12)}` : ref.name;
  return { key, facts, entry: pluginEntry(source, facts) };
}

/** `name:option=value,...` */
export function parseCriterion(text: string): {
  readonly name: string;
  readonly given: Readonly<Record<string, string>>;
} {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text, given: {} };
  const pairs = text.slice(colon + 1).split(',');
  const given = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) {
      throw cliError('CLI_OPTION', { option: '--criterion', value: text, expected: 'NAME:OPTION=VALUE,...' });
    }
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return { name: text.slice(0, colon), given: Object.fromEntries(given) };
}

/** Texts as the values that the options want. @throws PLUGIN_OPTION, PLUGIN_UNKNOWN_OPTION */
export function readGiven(
  schema: OptionsSchema,
  given: Readonly<Record<string, string>>,
  name: string,
): Record<string, OptionValue> {
  const values = Object.entries(given).map(([option, text]): [string, OptionValue] => {
    const type = Object.hasOwn(schema, option) ? schema[option].type : 'string';
    if (type === 'boolean') return [option, text === 'true' ? true : text === 'false' ? false : text];
    return [option, type === 'string' ? text : text.trim() === '' ? text : Number(text)];
  });
  readOptions(schema, Object.fromEntries(values), `criterion "${name}"`);
  return Object.fromEntries(values);
}
