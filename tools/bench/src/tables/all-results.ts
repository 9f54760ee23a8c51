/** Everything under docs/results that the tables are made of; what has not been measured is missing. */
import { join } from 'node:path';
import type { CoderResults } from '../coder/results';
import type { DashboardResults } from '../dashboard/results';
import type { DecodeIdentityResults } from '../decode-identity/results';
import type { FrontierResults } from '../frontier/results';
import type { GrowthResults } from '../growth/results';
import type { InferenceResults } from '../inference/results';
import type { KmeansResults } from '../kmeans/results';
import type { OtherDataResults } from '../other-data/results';
import type { PluginHostResults } from '../plugin-host/results';
import type { RegularisationResults } from '../l1-l2';
import type { PluginsResults } from '../plugins/results';
import type { ReplayResults } from '../replay';
import { readResults } from '../results-file';
import type { KillResults, NamespacesResults } from '../same-artifact';
import type { SeedsResults } from '../seed-results';
import type { SizeResults } from '../size/results';
import type { StepResults } from '../step/results';
import type { SwapResults } from '../swap/results';
import type { TranscriptResults } from '../transcript';
import type { TransferResults } from '../transfer/results';
import type { WireResults } from '../wire';

/** The recipes that the README is about, by network: ours, the paper's own way, and those for the smallest file. */
export const BENCHED = [
  {
    network: 'lenet-300-100',
    ours: 'lenet-300-100',
    paper: 'lenet-300-100-paper',
    smallest: ['lenet-300-100-smallest', 'lenet-300-100-smallest-330x'],
    title: 'LeNet-300-100',
  },
  {
    network: 'lenet-5',
    ours: 'lenet-5',
    paper: 'lenet-5-paper',
    smallest: ['lenet-5-smallest'],
    title: 'LeNet-5',
  },
] as const;

export interface AllResults {
  /** By name of the recipe. */
  readonly seeds: Readonly<Record<string, SeedsResults | undefined>>;
  readonly frontier?: FrontierResults;
  readonly otherData?: OtherDataResults;
  readonly decodeIdentity?: DecodeIdentityResults;
  readonly dashboard?: DashboardResults;
  readonly wire?: WireResults;
  readonly transfer?: TransferResults;
  readonly replay?: ReplayResults;
  readonly swap?: SwapResults;
  readonly kill?: KillResults;
  readonly namespaces?: NamespacesResults;
  readonly regularisation?: RegularisationResults;
  readonly inference?: InferenceResults;
  readonly step?: StepResults;
  readonly coder?: CoderResults;
  readonly growth?: GrowthResults;
  readonly kmeans?: KmeansResults;
  readonly size?: SizeResults;
  readonly pluginHost?: PluginHostResults;
  readonly transcript?: TranscriptResults;
  readonly plugins?: PluginsResults;
}

export function readAllResults(folder: string): AllResults {
  const seeds = Object.fromEntries(
    BENCHED.flatMap(({ ours, paper, smallest }) => [ours, paper, ...smallest]).map((name) => [
      name,
      readResults<SeedsResults>(join(folder, `${name}.json`)),
    ]),
  );
  return {
    seeds,
    frontier: readResults<FrontierResults>(join(folder, 'frontier.json')),
    otherData: readResults<OtherDataResults>(join(folder, 'other-data.json')),
    decodeIdentity: readResults<DecodeIdentityResults>(join(folder, 'decode-identity.json')),
    dashboard: readResults<DashboardResults>(join(folder, 'dashboard.json')),
    wire: readResults<WireResults>(join(folder, 'wire.json')),
    transfer: readResults<TransferResults>(join(folder, 'transfer.json')),
    replay: readResults<ReplayResults>(join(folder, 'replay.json')),
    swap: readResults<SwapResults>(join(folder, 'swap.json')),
    kill: readResults<KillResults>(join(folder, 'kill.json')),
    namespaces: readResults<NamespacesResults>(join(folder, 'namespaces.json')),
    regularisation: readResults<RegularisationResults>(join(folder, 'l1-l2.json')),
    inference: readResults<InferenceResults>(join(folder, 'inference.json')),
    step: readResults<StepResults>(join(folder, 'step.json')),
    coder: readResults<CoderResults>(join(folder, 'coder.json')),
    growth: readResults<GrowthResults>(join(folder, 'growth.json')),
    kmeans: readResults<KmeansResults>(join(folder, 'kmeans.json')),
    size: readResults<SizeResults>(join(folder, 'size.json')),
    pluginHost: readResults<PluginHostResults>(join(folder, 'plugin-host.json')),
    transcript: readResults<TranscriptResults>(join(folder, 'transcript.json')),
    plugins: readResults<PluginsResults>(join(folder, 'plugins.json')),
  };
}

/** What stands where a table cannot be made yet. */
export function notMeasured(command: string): string {
  return `_Not measured yet; \`espalier bench ${command}\` does it._`;
}
