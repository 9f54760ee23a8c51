/**
 * V8 knows how large array buffers are, but collects unused ones only when it next allocates: a service that waits, or is
 * about to fill the engine, would hold a network of garbage beside it. So it is asked at the points where much was let go.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** With less in array buffers, a collection (some 40 ms) is not worth it. */
const WORTH_BYTES = 64 * 2 ** 20;

/** Frees array buffers that nobody refers to, if there is much in array buffers at all. */
export function collectUnused(): void {
  if (process.memoryUsage().arrayBuffers < WORTH_BYTES) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // What was found is given back in the background; the next collection waits for that first.
  collect();
}
