/**
 * Stands in a bundle for browsers in the place of `platform.ts` and `code-survivors.ts` (package.json, `browser`): a page must have the
 * plain code, as its policy may forbid WebAssembly, and both are more than it should load.
 */
export function kernelPlatform(): undefined {
  return undefined;
}

export function codeSurvivorsByKernel(): undefined {
  return undefined;
}
