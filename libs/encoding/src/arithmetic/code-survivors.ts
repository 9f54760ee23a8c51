/** The survivors of a tensor, and their codes: by the WebAssembly kernel where there is one, else by the plain code. */
import { codeSurvivorsByKernel, type Survivors } from './kernel/code-survivors';
import { kernelPlatform } from './kernel/platform';
import type { BinaryCoder, RangeDecoder, RangeEncoder } from './range-coder';
import { codeSurvivorsPlainly } from './survivors-plainly';

/** Returns the codes [rows, outputs]: 0 and 1 where there is no `split`. Throws ENCODING_STREAM. */
export function codeSurvivors(coder: BinaryCoder, survivors: Survivors): Uint16Array {
  const byKernel = canBeContinued(coder) ? tryKernel(coder, survivors) : undefined;
  return byKernel ?? codeSurvivorsPlainly(coder, survivors);
}

/** Not by its class: a page that only decodes need not load the encoder's. */
function canBeContinued(coder: BinaryCoder): coder is RangeEncoder | RangeDecoder {
  return 'resume' in coder;
}

/** Made at the first use, as not everyone who imports this codes anything. */
const sharedPlatform = once(kernelPlatform);

function tryKernel(coder: RangeEncoder | RangeDecoder, survivors: Survivors): Uint16Array | undefined {
  const platform = sharedPlatform();
  return platform && codeSurvivorsByKernel(platform, coder, survivors);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
