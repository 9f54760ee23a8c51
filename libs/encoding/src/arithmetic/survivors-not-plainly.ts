/**
 * Stands in a bundle for browsers in the place of `survivors-plainly.ts` (package.json, `browser`): a page that runs networks on
 * WebAssembly decodes with it, too, and need not load everything twice.
 */
import { encodingError } from '../errors';

export function codeSurvivorsPlainly(): Uint16Array {
  const problem = 'without WebAssembly with SIMD, or in version 1 of the format, only Node decodes them';
  throw encodingError('ENCODING_STREAM', { what: 'arithmetic codes', problem });
}
