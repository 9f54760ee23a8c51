/**
 * Who is looking: the link's token is exchanged for a cookie and disappears from the address; then the coordinator says what
 * this browser may do.
 */
import { BehaviorSubject, type Observable } from 'rxjs';
import { ApiError, callApi, type Fetch } from '../http/api';

export type Scope = 'viewer' | 'steer';

export type SessionState =
  | { readonly kind: 'checking' }
  /** No cookie, or one that the coordinator does not know. */
  | { readonly kind: 'none'; readonly problem?: string }
  | { readonly kind: 'in'; readonly scopes: readonly Scope[] }
  | { readonly kind: 'unreachable' };

/** The token of a link such as `#token=...`, or undefined. */
export function tokenOf(fragment: string): string | undefined {
  const match = /^#token=([^&]+)/.exec(fragment);
  return match ? decodeURIComponent(match[1]) : undefined;
}

export class Session {
  readonly #state = new BehaviorSubject<SessionState>({ kind: 'checking' });
  readonly #fetch: Fetch | undefined;

  constructor({ fetch }: { readonly fetch?: Fetch } = {}) {
    this.#fetch = fetch;
  }

  get state$(): Observable<SessionState> {
    return this.#state;
  }

  /** Asks what this browser may do. */
  async check(): Promise<void> {
    await this.#ask(() => this.#call<{ scopes: readonly Scope[] }>('GET'));
  }

  /** Asks again while the page is shown: only an answer counts. */
  async recheck(): Promise<void> {
    try {
      this.#state.next({
        kind: 'in',
        scopes: (await this.#call<{ scopes: readonly Scope[] }>('GET')).scopes,
      });
    } catch (error) {
      const state = failure(error);
      if (state.kind === 'none') this.#state.next(state);
    }
  }

  /** Gives the coordinator a token, for a cookie. */
  async enter(token: string): Promise<void> {
    await this.#ask(async () => {
      await this.#call('POST', { token });
      return this.#call<{ scopes: readonly Scope[] }>('GET');
    });
  }

  async leave(): Promise<void> {
    await this.#call('DELETE').catch(() => undefined);
    this.#state.next({ kind: 'none' });
  }

  #call<Answer>(method: string, body?: unknown): Promise<Answer> {
    return callApi<Answer>('/api/session', { method, body, fetch: this.#fetch });
  }

  async #ask(question: () => Promise<{ scopes: readonly Scope[] }>): Promise<void> {
    try {
      this.#state.next({ kind: 'in', scopes: (await question()).scopes });
    } catch (error) {
      this.#state.next(failure(error));
    }
  }
}

function failure(error: unknown): SessionState {
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
    return { kind: 'none', ...(error.code === '' ? {} : { problem: error.message }) };
  }
  return { kind: 'unreachable' };
}
