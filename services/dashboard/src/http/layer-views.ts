/** Pictures of a stage's layers, asked for once: those of a finished stage never change. */
import type { StageViews } from '@espalier/protocol/view';
import { callApi, type Fetch } from './api';

/** So many stages are kept; the least recently asked for goes first. */
const KEPT = 32;

export class LayerViews {
  readonly #run: string;
  readonly #fetch: Fetch | undefined;
  readonly #held = new Map<string, Promise<StageViews>>();

  constructor(run: string, { fetch }: { readonly fetch?: Fetch } = {}) {
    this.#run = run;
    this.#fetch = fetch;
  }

  /** `version` grows with each picture of a stage in work. */
  of(key: string, version = 0): Promise<StageViews> {
    const name = `${key}/${version}`;
    const held = this.#held.get(name) ?? this.#ask(name, key);
    this.#held.delete(name);
    this.#held.set(name, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= KEPT) break;
      this.#held.delete(oldest);
    }
    return held;
  }

  #ask(name: string, key: string): Promise<StageViews> {
    const path = `/api/runs/${encodeURIComponent(this.#run)}/views/${encodeURIComponent(key)}`;
    const asked = callApi<StageViews>(path, { fetch: this.#fetch });
    // What failed may be there the next time.
    asked.catch(() => this.#held.delete(name));
    return asked;
  }
}
