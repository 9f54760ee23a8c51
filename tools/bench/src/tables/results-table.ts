/** The main table: our recipes beside HAN15 and DC16. */
import { PUBLISHED, table } from '@espalier/stages';
import type { SeedsResults } from '../seed-results';
import { BENCHED, notMeasured, type AllResults } from './all-results';
import { integer, percent, spread, times } from './cells';

const HEAD = [
  'network',
  'by',
  'seeds',
  'dense error',
  'error',
  'weights kept',
  'fewer weights',
  'file bytes',
  'smaller',
];

export function resultsTable({ seeds }: AllResults): string {
  const rows = BENCHED.flatMap(({ network, ours, paper, smallest, title }) => {
    const { han15, dc16 } = PUBLISHED[network];
    const [own, paperMode] = [seeds[ours], seeds[paper]];
    return [
      ...(own ? [ownRow(title, `\`${ours}\``, own)] : []),
      ...smallest.flatMap((name) => {
        const results = seeds[name];
        return results ? [ownRow(title, `\`${name}\``, results)] : [];
      }),
      ...(paperMode ? [ownRow(title, `\`${paper}\``, paperMode)] : []),
      [title, 'HAN15', '', percent(han15.denseError), percent(han15.error), '', `${han15.ratio}x`, '', ''],
      [
        title,
        'DC16',
        '',
        percent(han15.denseError),
        percent(dc16.error),
        '',
        `${han15.ratio}x`,
        integer(dc16.bytes),
        `${dc16.ratio}x`,
      ],
    ];
  });
  const measured = BENCHED.flatMap(({ ours, paper, smallest }) => [ours, ...smallest, paper]).filter(
    (name) => seeds[name],
  );
  if (measured.length === 0) return notMeasured('seeds');
  return [
    table(HEAD, rows),
    '',
    'Means over all seeds, with the least and the greatest; none is chosen. `dense error` is that of the network before ' +
      'pruning, `error` that of the network decoded from the file, by a process that has only the file. Weights are ' +
      'counted without biases, kept = not zero in the decoded file; `smaller` compares with 4 bytes a parameter, biases ' +
      'included.',
    '',
    ...measured.map((name) => `- ${origin(seeds[name] as SeedsResults)}`),
  ].join('\n');
}

function ownRow(title: string, by: string, { summary, seeds }: SeedsResults): string[] {
  return [
    title,
    by,
    String(seeds.length),
    spread(summary.denseError, percent),
    spread(summary.error, percent),
    integer(summary.kept.mean),
    spread(summary.weightsRatio, times),
    integer(summary.bytes.mean),
    spread(summary.bytesRatio, times),
  ];
}

function origin({ recipe, circumstances, engine, summary }: SeedsResults): string {
  const { machine, code, node, date, command } = circumstances;
  const each = summary.seconds ? `, ${Math.round(summary.seconds.mean)} s a seed` : '';
  const dirty = code.dirty ? ' with uncommitted changes' : '';
  return (
    `\`${recipe.name}\`: \`${command}\` at ${code.commit.slice(0, 10)}${dirty}, ${date}${each}; ${machine.cpu}, ` +
    `${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node ${node}, ${engine.backend} engine ` +
    `(TensorFlow ${engine.version}, ${engine.threads} threads).`
  );
}
