#!/usr/bin/env node
/**
 * Compiles a lib's kernels from AssemblyScript to WebAssembly with SIMD, which is committed as text, so that nobody needs the compiler:
 * `node tools/assembly/build-kernel.mjs engine`. With `--print` it writes the hex to standard output instead, for the test that the committed
 * one is up to date.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Each lib has its sources in `assembly`, beginning with kernel.ts. */
const TARGETS = {
  encoding: { file: 'libs/encoding/src/arithmetic/kernel/kernel-hex.ts', isShared: false },
  engine: { file: 'libs/engine/src/sparse/kernel-hex.ts', isShared: true },
  datasets: { file: 'libs/datasets/src/ahead/kernel-hex.ts', isShared: true },
};

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--disableWarning'];
/** Of a kernel whose memory threads share; it ends at 1 GiB. */
const SHARED = ['--enable', 'simd,threads', '--sharedMemory', '--maximumMemory', '16384'];
const OWN = ['--enable', 'simd'];

const [lib, flag] = process.argv.slice(2);
if (!Object.hasOwn(TARGETS, lib)) {
  console.error(
    `node tools/assembly/build-kernel.mjs LIB [--print]; LIB is one of ${Object.keys(TARGETS).join(', ')}`,
  );
  process.exit(1);
}
const { file, isShared } = TARGETS[lib];
const hex = compile(join(ROOT, 'libs', lib, 'assembly'), [...OPTIONS, ...(isShared ? SHARED : OWN)]);
if (flag === '--print') {
  process.stdout.write(hex);
} else {
  const lines = hex.match(/.{1,100}/g).map((line) => `  '${line}'`);
  const comment = `/** Written by tools/assembly/build-kernel.mjs from assembly/kernel.ts; not edited by hand. */`;
  writeFileSync(join(ROOT, file), `${comment}\nexport const KERNEL_HEX =\n${lines.join(' +\n')};\n`);
  console.log(`${file}: ${hex.length / 2} bytes of WebAssembly`);
}

function compile(sources, options) {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-kernel-'));
  const output = join(folder, 'kernel.wasm');
  const packageFile = createRequire(import.meta.url).resolve('assemblyscript/package.json');
  try {
    const compiler = join(dirname(packageFile), 'bin/asc.js');
    execFileSync(process.execPath, [compiler, 'kernel.ts', ...options, '--outFile', output], {
      cwd: sources,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return readFileSync(output).toString('hex');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
