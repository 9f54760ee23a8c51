/**
 * The HTTP API without HTTP: a request as data in, an answer as data out. Errors are `{code, message}`.
 *
 *   GET  /api/health                     GET  /api/services, /api/viewers
 *   GET  /api/runs                       POST /api/runs {recipe, name?, data?, dataUrls?}
 *   GET  /api/runs/ID                    POST /api/runs/ID/pause | resume {dataUrls?} | stop | undo {toRound, recipe?, dataUrls?}
 *   GET  /api/runs/ID/events?from=SEQ    POST /api/runs/ID/swap {criterion: {name, options?}, plugins?}
 *   GET  /api/runs/ID/views/KEY          GET  /api/plugins/criteria?run=ID
 *                                        POST /api/runs/ID/observed {plugin, observer, observations}
 */
import { errorCode, errorMessage, type JsonValue } from '@espalier/base';
import type { ResolvedRecipe } from '@espalier/recipe';
import { allows, type Scope } from './access';
import type { Coordinator } from './coordinator';
import { coordinatorError } from './errors';
import type { RunState } from './fold-run';
import type { RunBook } from './run-book';
import type { SwapWish } from './swap-desk';
import { criteriaFor } from './view/http/criteria';
import type { Views } from './view/views';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body of a POST. */
  readonly body: unknown;
  /** Of the token; undefined when there was none that is known. */
  readonly scopes: readonly Scope[] | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: JsonValue;
}

export interface ApiParts {
  readonly coordinator: Coordinator;
  readonly book: RunBook;
  readonly views: Pick<Views, 'stageViews' | 'viewers'>;
  readonly version: string;
}

/** Answers a request; never rejects. */
export async function answer(request: ApiRequest, parts: ApiParts): Promise<ApiAnswer> {
  try {
    return { status: 200, body: await route(request, parts) };
  } catch (error) {
    const code = errorCode(error) ?? 'COORDINATOR_REQUEST';
    return { status: STATUS_OF_CODE[code] ?? 400, body: { code, message: errorMessage(error) } };
  }
}

export const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  COORDINATOR_TOKEN: 401,
  COORDINATOR_SCOPE: 403,
  COORDINATOR_ORIGIN: 403,
  COORDINATOR_ROUTE: 404,
  COORDINATOR_NO_RUN: 404,
  COORDINATOR_NO_ARTIFACT: 404,
  COORDINATOR_RUN_STATE: 409,
  STAGE_SWAP: 409,
  COORDINATOR_NO_SCORER: 503,
  COORDINATOR_ADMISSION: 503,
  COORDINATOR_BUSY: 429,
  COORDINATOR_CLOSING: 503,
  STORE_DISK_FULL: 507,
};

async function route(
  request: ApiRequest,
  { coordinator, book, views, version }: ApiParts,
): Promise<JsonValue> {
  const { method, path, body } = request;
  const [api, area, run, verb, key, ...rest] = path.split('/').filter((part) => part !== '');
  const idName = area === 'plugins' ? run : 'ID';
  const at = `${method} ${[area, run === undefined ? '' : idName, verb ?? '', key === undefined ? '' : 'KEY'].filter(Boolean).join('/')}`;
  if (api !== 'api' || rest.length > 0) throw coordinatorError('COORDINATOR_ROUTE', { method, path });
  if (at === 'GET health') return { ok: true, version };

  requireScope(request, method === 'GET' ? 'viewer' : 'steer');
  // Services pull from there with their own token: who lacks that scope could not let them in.
  if (method === 'POST' && dataUrls(record(body ?? {}))?.length) requireScope(request, 'service');
  switch (at) {
    case 'GET services':
      return { services: coordinator.services() as unknown as JsonValue };
    case 'GET viewers':
      return { viewers: views.viewers() as unknown as JsonValue };
    case 'GET runs':
      return { runs: book.list().map(summary) };
    case 'POST runs':
      return plain(await coordinator.submit(newRun(body)));
    case 'GET runs/ID':
      return plain(stateOf(book, run));
    case 'GET runs/ID/views/KEY':
      return (await views.stageViews(run, key)) as unknown as JsonValue;
    case 'GET plugins/criteria': {
      const { recipe, finished } = stateOf(book, request.query.get('run') ?? '');
      const criteria = criteriaFor(recipe as unknown as ResolvedRecipe, nextRound(finished));
      return { criteria: criteria as unknown as JsonValue };
    }
    case 'GET runs/ID/events':
      stateOf(book, run);
      return { events: (await book.events(run, fromSeq(request.query))) as unknown as JsonValue };
    case 'POST runs/ID/pause':
      return plain(await coordinator.pause(run));
    case 'POST runs/ID/resume':
      return plain(await coordinator.resume(run, dataUrls(record(body ?? {}))));
    case 'POST runs/ID/stop':
      return plain(await coordinator.stop(run));
    case 'POST runs/ID/swap':
      return plain(await coordinator.swap(run, swapWish(record(body))));
    case 'POST runs/ID/observed':
      stateOf(book, run);
      await coordinator.observed(run, observedFields(record(body)));
      return {};
    case 'POST runs/ID/undo': {
      const wish = record(body);
      const { toRound, recipe } = wish;
      if (!Number.isSafeInteger(toRound) || (toRound as number) < 0) {
        throw coordinatorError('COORDINATOR_REQUEST', { problem: '"toRound" must be a whole number from 0' });
      }
      return plain(
        await coordinator.undo(run, toRound as number, {
          recipe: recipe as JsonValue | undefined,
          dataUrls: dataUrls(wish),
        }),
      );
    }
    default:
      throw coordinatorError('COORDINATOR_ROUTE', { method, path });
  }
}

function requireScope({ scopes, method, path }: ApiRequest, scope: Scope): void {
  if (!scopes) throw coordinatorError('COORDINATOR_TOKEN');
  if (!allows(scopes, scope))
    throw coordinatorError('COORDINATOR_SCOPE', { wish: `${method} ${path}`, scope });
}

function nextRound(finished: RunState['finished']): number {
  return 1 + Math.max(0, ...finished.map(({ spec }) => (spec.kind === 'prune' && spec.round) || 0));
}

/** One line of `GET /api/runs`. */
function summary({
  id,
  name,
  status,
  createdAt,
  updatedAt,
  finished,
  current,
  failure,
}: RunState): JsonValue {
  const stage = current?.title;
  return { id, name, status, createdAt, updatedAt, finishedStages: finished.length, stage, failure };
}

function stateOf(book: RunBook, run: string): RunState {
  const state = book.get(run);
  if (!state) throw coordinatorError('COORDINATOR_NO_RUN', { run });
  return state;
}

function newRun(body: unknown) {
  const { recipe, name, data } = record(body);
  if (typeof recipe !== 'object' || recipe === null) {
    throw coordinatorError('COORDINATOR_REQUEST', { problem: '"recipe" must be a resolved recipe' });
  }
  if (name !== undefined && (typeof name !== 'string' || name.length > 128)) {
    throw coordinatorError('COORDINATOR_REQUEST', {
      problem: '"name" must be a text of at most 128 letters',
    });
  }
  if (data !== undefined && (typeof data !== 'string' || !/^[0-9a-f]{64}$/.test(data))) {
    throw coordinatorError('COORDINATOR_REQUEST', {
      problem: '"data" must be the digest of a data manifest',
    });
  }
  return { recipe: recipe as JsonValue, name, data, dataUrls: dataUrls(record(body)) ?? [] };
}

function swapWish({ criterion, plugins }: Record<string, unknown>): SwapWish {
  const { name, options = {} } = record(criterion);
  if (typeof name !== 'string' || name === '') {
    throw coordinatorError('COORDINATOR_REQUEST', { problem: '"criterion" needs a "name"' });
  }
  const checked = { name, options: record(options) as { [key: string]: JsonValue } };
  return { criterion: checked, ...(plugins === undefined ? {} : { plugins: record(plugins) as JsonValue }) };
}

/** A log is no place for more at once. */
const MAX_OBSERVATIONS = 256;

function observedFields({ plugin, observer, observations }: Record<string, unknown>) {
  const isName = (value: unknown): value is string => typeof value === 'string' && /^\S{1,214}$/.test(value);
  const isFew = Array.isArray(observations) && observations.length <= MAX_OBSERVATIONS;
  if (isName(plugin) && isName(observer) && isFew) {
    return { plugin, observer, observations: observations as JsonValue[] };
  }
  const problem = `"plugin" and "observer" must be names, "observations" a list of at most ${MAX_OBSERVATIONS}`;
  throw coordinatorError('COORDINATOR_REQUEST', { problem });
}

function dataUrls({ dataUrls: urls }: Record<string, unknown>): readonly string[] | undefined {
  if (urls === undefined) return undefined;
  if (
    !Array.isArray(urls) ||
    urls.length > 16 ||
    !urls.every((url) => /^wss?:\/\/\S{1,500}$/.test(String(url)))
  ) {
    throw coordinatorError('COORDINATOR_REQUEST', { problem: '"dataUrls" must be at most 16 ws:// URLs' });
  }
  return urls.map(String);
}

function fromSeq(query: URLSearchParams): number {
  const seq = Number(query.get('from') ?? 1);
  if (Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw coordinatorError('COORDINATOR_REQUEST', { problem: '"from" must be the number of an event' });
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw coordinatorError('COORDINATOR_REQUEST', { problem: 'the body must be a JSON object' });
}

function plain(state: RunState): JsonValue {
  return state as unknown as JsonValue;
}
