import { distinctUntilChanged, fromEvent, map, shareReplay, startWith, type Observable } from 'rxjs';
import { parseRoute, type Route } from './route';

/** The address, followed. */
export const route$: Observable<Route> = fromEvent(window, 'hashchange').pipe(
  startWith(undefined),
  map(() => location.hash),
  distinctUntilChanged(),
  map(parseRoute),
  shareReplay({ bufferSize: 1, refCount: true }),
);
