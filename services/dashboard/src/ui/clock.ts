/** The time, once a second: for ages that grow while nothing arrives. */
import { interval, map, shareReplay, startWith, type Observable } from 'rxjs';

export const seconds$: Observable<number> = interval(1000).pipe(
  startWith(0),
  map(() => Date.now()),
  shareReplay({ bufferSize: 1, refCount: true }),
);
