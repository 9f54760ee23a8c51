/**
 * Compiles the kernel and writes src/arithmetic/kernel/kernel-hex.ts: `node libs/encoding/assembly/build.mjs`. With
 * `--print` it writes the hex to standard output instead, for the test that the committed one is up to date.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '../src/arithmetic/kernel/kernel-hex.ts');
const compiler = join(
  dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')),
  'bin/asc.js',
);

function compile() {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-kernel-'));
  const output = join(folder, 'kernel.wasm');
  try {
    const options = [
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--enable',
      'simd',
      '--disableWarning',
    ];
    execFileSync(process.execPath, [compiler, 'kernel.ts', ...options, '--outFile', output], {
      cwd: here,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return readFileSync(output).toString('hex');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const hex = compile();
if (process.argv.includes('--print')) {
  process.stdout.write(hex);
} else {
  const lines = hex.match(/.{1,100}/g).map((line) => `  '${line}'`);
  const text = `/** Written by assembly/build.mjs from assembly/kernel.ts; not edited by hand. */\nexport const KERNEL_HEX =\n${lines.join(' +\n')};\n`;
  writeFileSync(target, text);
  console.log(`${target}: ${hex.length / 2} bytes of WebAssembly`);
}
