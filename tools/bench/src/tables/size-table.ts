import { table } from '@espalier/stages';
import type { SizeNetwork, SizeResults } from '../size/results';
import { integer, percent, times } from './cells';

/** Services in the order in which a run uses them. */
const PROCESSES = ['trainer', 'pruner', 'encoder', 'coordinator', 'eval', 'decode', 'cli'] as const;

/** Bytes beside DC16's; then seconds by stage and memory by process. */
export function sizeTable({ networks, circumstances }: SizeResults): string {
  const bytes = networks.map((network) => [
    network.network,
    integer(network.weights),
    percent(network.kept / network.weights, 1),
    integer(network.bytes),
    times(network.denseBytes / network.bytes),
    integer(network.paperCodingBytes),
    integer(network.dc16Bytes),
  ]);
  const head = ['', 'weights', 'kept', 'bytes', 'smaller', 'in DC16 coding', 'DC16, trained'];
  return [
    table(head, bytes),
    '',
    table(['seconds', ...networks.map(({ network }) => network)], secondsOf(networks)),
    '',
    table(['most memory, MB', ...networks.map(({ network }) => network)], memoryOf(networks)),
    '',
    `Random weights, pruned to HAN15's shares; 8 bits for convolutions, 5 for fully connected layers. Random weights code worse ` +
      `than trained ones: the fourth column has the same codes in DC16's own coding, the last DC16's published file. ` +
      `By \`${circumstances.command}\` at ${circumstances.code.commit.slice(0, 10)}, ${circumstances.date}; ` +
      `${circumstances.machine.cpu}, ${circumstances.machine.cores} cores, Node ${circumstances.node}.`,
  ].join('\n');
}

function secondsOf(networks: readonly SizeNetwork[]): string[][] {
  const stages = [...new Set(networks.flatMap((network) => network.stages.map(({ stage }) => stage)))];
  const row = (title: string, of: (network: SizeNetwork) => number | undefined): string[] => [
    title,
    ...networks.map((network) => of(network)?.toFixed(1) ?? ''),
  ];
  return [
    ...stages.map((stage) =>
      row(stage, (network) => network.stages.find((each) => each.stage === stage)?.seconds),
    ),
    row('decode', ({ decodeSeconds }) => decodeSeconds),
    row('the whole run', ({ runSeconds }) => runSeconds),
  ];
}

function memoryOf(networks: readonly SizeNetwork[]): string[][] {
  const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '' : integer(bytes / 1e6));
  return [
    ...PROCESSES.map((process) => [
      process,
      ...networks.map(({ peakBytes }) => megabytes(peakBytes[process])),
    ]),
    ['2 x float32 + 500 MB', ...networks.map(({ limitBytes }) => megabytes(limitBytes))],
  ];
}
