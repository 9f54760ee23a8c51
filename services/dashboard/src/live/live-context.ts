/** The page's one `Live`, by Svelte's context: made in `App`, used where something live is shown. */
import { getContext, setContext } from 'svelte';
import { filter, fromEvent, merge } from 'rxjs';
import { Live } from './live';
import { viewLink } from './view-link';

const KEY = Symbol('live');

/** Of the coordinator that the page came from. */
export function createLive(): Live {
  const address = new URL('/view', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const looked$ = fromEvent(document, 'visibilitychange').pipe(
    filter(() => document.visibilityState === 'visible'),
  );
  const wake$ = merge(looked$, fromEvent(window, 'online'));
  return new Live({
    connect: (topics$, broken$) =>
      viewLink({ openSocket: () => new WebSocket(address), topics$, wake$, broken$ }),
  });
}

export function provideLive(live: Live): void {
  setContext(KEY, live);
}

export function useLive(): Live {
  return getContext<Live>(KEY);
}
