/** What the address says after its `#`: which view of what. Pure; `route-stream.ts` follows the address. */

export const RUN_TABS = ['overview', 'masks', 'layers', 'bytes', 'series', 'log'] as const;
export type RunTab = (typeof RUN_TABS)[number];

export type Route =
  | { readonly view: 'runs' }
  | RunRoute
  | { readonly view: 'compare'; readonly ids: readonly string[] }
  | { readonly view: 'services' }
  /** A file dropped on the page, or the one that a run made. */
  | { readonly view: 'file'; readonly run?: string }
  | { readonly view: 'unknown'; readonly path: string };

export interface RunRoute {
  readonly view: 'run';
  readonly id: string;
  readonly tab: RunTab;
  /** The key of the stage that is looked at. */
  readonly stage?: string;
  /** The round whose masks are looked at. */
  readonly round?: number;
  /** Names of the series that are looked at closely. */
  readonly show?: readonly string[];
}

/** Reads a fragment such as `#/runs/ID/masks` or `#/compare?ids=A,B`. */
export function parseRoute(fragment: string): Route {
  const [path, query = ''] = fragment.replace(/^#/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  const parameters = new URLSearchParams(query);
  switch (parts[0] ?? 'runs') {
    case 'runs':
      return runsRoute(path, parts, parameters);
    case 'compare':
      return { view: 'compare', ids: (parameters.get('ids') ?? '').split(',').filter((id) => id !== '') };
    case 'services':
      return { view: 'services' };
    case 'file': {
      const run = parameters.get('run');
      return run ? { view: 'file', run } : { view: 'file' };
    }
    default:
      return { view: 'unknown', path };
  }
}

function runsRoute(
  path: string,
  [, id, tab = 'overview', more]: readonly string[],
  parameters: URLSearchParams,
): Route {
  if (id === undefined) return { view: 'runs' };
  const known = RUN_TABS.find((name) => name === tab);
  if (known === undefined || more !== undefined) return { view: 'unknown', path };
  const stage = parameters.get('stage');
  const round = parameters.get('round');
  const show = parameters.getAll('show');
  return {
    view: 'run',
    id: decodeURIComponent(id),
    tab: known,
    ...(stage ? { stage } : {}),
    ...(round && /^\d{1,6}$/.test(round) ? { round: Number(round) } : {}),
    ...(show.length > 0 ? { show } : {}),
  };
}

export const RUNS = '#/runs';
export const SERVICES = '#/services';

export function runHref(
  id: string,
  tab: RunTab = 'overview',
  { stage, round, show = [] }: Pick<RunRoute, 'stage' | 'round' | 'show'> = {},
): string {
  const words = [
    ...(stage === undefined ? [] : [['stage', stage]]),
    ...(round === undefined ? [] : [['round', String(round)]]),
    ...show.map((name) => ['show', name]),
  ];
  const query = words.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `#/runs/${encodeURIComponent(id)}${tab === 'overview' ? '' : `/${tab}`}${query === '' ? '' : `?${query}`}`;
}

export function compareHref(ids: readonly string[]): string {
  return `#/compare?ids=${ids.map(encodeURIComponent).join(',')}`;
}

export function fileHref(run?: string): string {
  return run === undefined ? '#/file' : `#/file?run=${encodeURIComponent(run)}`;
}
