/** Every table that a Markdown file of this repository may have, by the name in its marker. */
import { notMeasured, type AllResults } from './all-results';
import { coderTable } from './coder-table';
import { dashboardTable } from './dashboard-table';
import { decodeIdentityTable } from './decode-identity-table';
import { frontierTable } from './frontier-table';
import { goalsTable } from './goals-table';
import { growthTable } from './growth-table';
import { inferenceTable } from './inference-table';
import { kmeansTable } from './kmeans-table';
import { keptShareTable, layerBytesTable } from './layer-tables';
import { otherDataTable } from './other-data-table';
import { pluginsTable } from './plugins-table';
import { regularisationTable } from './regularisation-table';
import { pluginHostTable } from './plugin-host-table';
import { replayTable } from './replay-table';
import { resultsTable } from './results-table';
import { stepTable } from './step-table';
import { sizeTable } from './size-table';
import { swapTable } from './swap-table';
import { transcriptText } from './transcript-text';
import { transferTable } from './transfer-table';
import { wireTable } from './wire-table';

export function tableWriters(results: AllResults): Readonly<Record<string, () => string>> {
  const {
    frontier,
    decodeIdentity,
    dashboard,
    wire,
    transfer,
    replay,
    swap,
    regularisation,
    inference,
    step,
    coder,
    growth,
    kmeans,
    size,
    pluginHost,
    transcript,
    plugins,
  } = results;
  return {
    results: () => resultsTable(results),
    goals: () => goalsTable(results),
    'kept-share-lenet-300-100': () => keptShareTable(results, 'lenet-300-100'),
    'kept-share-lenet-5': () => keptShareTable(results, 'lenet-5'),
    'layer-bytes-lenet-300-100': () => layerBytesTable(results, 'lenet-300-100'),
    'layer-bytes-lenet-5': () => layerBytesTable(results, 'lenet-5'),
    frontier: () => (frontier ? frontierTable(frontier) : notMeasured('frontier')),
    'other-data': () => otherDataTable(results),
    'decode-identity': () =>
      decodeIdentity ? decodeIdentityTable(decodeIdentity) : notMeasured('decode-identity'),
    dashboard: () => (dashboard ? dashboardTable(dashboard) : notMeasured('dashboard')),
    wire: () => (wire ? wireTable(wire) : notMeasured('wire')),
    transfer: () => (transfer ? transferTable(transfer) : notMeasured('transfer')),
    swap: () => (swap ? swapTable(swap) : notMeasured('swap')),
    replay: () => (replay ? replayTable(replay) : notMeasured('replay')),
    regularisation: () => (regularisation ? regularisationTable(regularisation) : notMeasured('l1-l2')),
    inference: () => (inference ? inferenceTable(inference) : notMeasured('inference')),
    step: () => (step ? stepTable(step) : notMeasured('step')),
    coder: () => (coder ? coderTable(coder) : notMeasured('coder')),
    growth: () => (growth ? growthTable(growth) : notMeasured('growth')),
    kmeans: () => (kmeans ? kmeansTable(kmeans) : notMeasured('kmeans')),
    size: () => (size ? sizeTable(size) : notMeasured('size')),
    'plugin-host': () => (pluginHost ? pluginHostTable(pluginHost) : notMeasured('plugin-host')),
    plugins: () => (plugins ? pluginsTable(plugins) : notMeasured('plugins')),
    transcript: () => (transcript ? transcriptText(transcript) : notMeasured('transcript')),
  };
}
