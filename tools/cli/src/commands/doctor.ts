/** `espalier doctor`: what set-up left, and whether the engine really loads. */
import { errorMessage } from '@espalier/base';
import { loadEngine, type EngineInfo } from '@espalier/engine';
import { findProtection, type Protection } from '@espalier/plugin-host';
import type { Command } from 'commander';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { DEFAULT_RUNS, ROOT, version } from '../installation';
import { bytes } from '../output/format';
import { fields } from '../output/table';
import { present, type Terminal } from '../output/terminal';
import { freeBytes } from '../space';

interface Problem {
  readonly what: string;
  readonly fix: string;
}

/** Of tools/setup/inspect.mjs, which works where nothing is installed and so has no types. */
interface SetupFacts {
  readonly node: string;
  readonly npm: string | null;
  readonly python: string | null;
  readonly pip: string | null;
  readonly gxx: string | null;
  readonly make: string | null;
  readonly platform: string;
  readonly engine: 'native' | 'wasm' | null;
  readonly tensorflow: string | null;
  readonly tfjsNode: string | null;
  readonly reason: string | null;
  readonly cacheFolder: string;
  readonly cacheBytes: number;
  readonly freeDiskBytes: number;
  readonly problems: readonly Problem[];
}

interface Findings {
  readonly espalier: string;
  readonly setup: SetupFacts;
  readonly engine: EngineInfo | null;
  /** What holds the processes of third-party plugins here; a lack of it is no problem of the installation. */
  readonly plugins: Protection;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly runsFolder: string;
  readonly freeDiskBytes: number;
  readonly problems: readonly Problem[];
}

export const doctorCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .option('--runs <folder>', 'look at the disk of this folder', DEFAULT_RUNS)
      .addHelpText(
        'after',
        examples([
          ['espalier doctor', 'everything in place? Exit code 1 when it is not'],
          ['ESPALIER_ENGINE=wasm espalier doctor', 'would the other engine do?'],
        ]),
      )
      .action((options: CommonOptions & { runs: string }) => doctor(options, context));
  },
};

async function doctor(options: CommonOptions & { runs: string }, context: CommandContext): Promise<void> {
  const setup = await inspectSetup();
  const problems = [...setup.problems];
  let engine: EngineInfo | null = null;
  try {
    engine = await loadEngine();
  } catch (error) {
    problems.push({ what: `the engine does not load: ${errorMessage(error)}`, fix: 'run: npm run setup' });
  }
  if (engine && setup.engine && engine.backend !== setup.engine) {
    const what = `set-up left the ${setup.engine} engine, but ${engine.backend} loads: ${engine.reason ?? 'no reason given'}`;
    problems.push({ what, fix: 'run: npm run setup' });
  }
  const findings: Findings = {
    espalier: version(),
    setup,
    engine,
    plugins: findProtection(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    runsFolder: options.runs,
    freeDiskBytes: freeBytes(options.runs),
    problems,
  };
  present(context.terminal, options.json, findings, () => text(findings, context.terminal));
  if (problems.length > 0) context.exitCode = EXIT.failed;
}

async function inspectSetup(): Promise<SetupFacts> {
  const url = pathToFileURL(join(ROOT, 'tools/setup/inspect.mjs')).href;
  const { inspectSetup: inspect } = (await import(url)) as {
    inspectSetup(options: { root: string }): Promise<SetupFacts>;
  };
  return inspect({ root: ROOT });
}

function text(findings: Findings, { style }: Terminal): string {
  const { setup, engine, problems } = findings;
  const rows = fields([
    ['espalier', findings.espalier],
    [
      'engine',
      engine ? `${engine.backend}, TensorFlow ${engine.version}, ${engine.threads} threads` : 'does not load',
    ],
    ...(engine?.reason ? [['why not native', engine.reason] as const] : []),
    ['fingerprint', engine?.fingerprint ?? '-'],
    ['tfjs-node', setup.tfjsNode ?? 'not installed'],
    ['node', `${setup.node} (npm ${setup.npm ?? 'missing'})`],
    ['python', `${setup.python ?? 'missing'} (pip ${setup.pip ?? 'missing'})`],
    ['compiler', `g++ ${setup.gxx ?? 'missing'}, make ${setup.make ?? 'missing'}`],
    ['machine', `${setup.platform}, ${findings.cores} cores, ${bytes(findings.memoryBytes)} of memory`],
    ['plugins held', pluginsText(findings.plugins)],
    ['cache', `${setup.cacheFolder}, ${bytes(setup.cacheBytes)}`],
    ['free disk', `${bytes(findings.freeDiskBytes)} for ${findings.runsFolder}`],
  ]);
  const verdict =
    problems.length === 0
      ? style.green('everything is in place')
      : problems.map(({ what, fix }) => `${style.red('wrong:')} ${what}\n       ${fix}`).join('\n');
  return `${rows}\n\n${verdict}`;
}

export function pluginsText({ held, unlimited }: Protection): string {
  if (unlimited.length === 0) return held.join(', ');
  const open = `not held: ${unlimited.join(', ')}; install bubblewrap and util-linux, or start no plugin that you do not trust`;
  return held.length === 0 ? open : `${held.join(', ')}; ${open}`;
}
