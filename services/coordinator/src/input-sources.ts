/** Where a stage's inputs can be pulled from. Pure. */
import type { StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { RunState } from './fold-run';
import type { ServicePeer } from './service-roster';

/** As many as one offer may name for each input. */
const MAX_SOURCES = 16;

/** Best first: whoever made it, then every other store that is connected, then the submitter's; for data, that first. */
export function inputSources(
  { finished, dataUrls }: Pick<RunState, 'finished' | 'dataUrls'>,
  { inputs, data }: Pick<StageSpec, 'inputs' | 'data'>,
  peers: Iterable<Pick<ServicePeer, 'serviceId' | 'dataUrl'>>,
): Readonly<Record<Digest, readonly string[]>> {
  const stores = [...peers].flatMap(({ serviceId, dataUrl }) =>
    dataUrl === undefined ? [] : [{ serviceId, dataUrl }],
  );
  const map: Record<Digest, readonly string[]> = {};
  for (const { digest } of Object.values(inputs)) {
    const maker = finished.findLast(({ result }) =>
      Object.values(result.outputs).some((output) => output.digest === digest),
    )?.serviceId;
    const ranked = [...stores].sort((a, b) => Number(b.serviceId === maker) - Number(a.serviceId === maker));
    map[digest] = unique([...ranked.map(({ dataUrl }) => dataUrl), ...dataUrls]);
  }
  if (data !== undefined) map[data] = unique([...dataUrls, ...stores.map(({ dataUrl }) => dataUrl)]);
  return map;
}

function unique(urls: readonly string[]): readonly string[] {
  return [...new Set(urls)].slice(0, MAX_SOURCES);
}
