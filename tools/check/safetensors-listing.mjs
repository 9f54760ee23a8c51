// What is in a safetensors file, by the format's own page and none of our code: 8 bytes of header length, a JSON header,
// the tensors' bytes. The same listing as read-safetensors.py gives where Python has its package.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { ROOT } from './programs.mjs';

/** @returns [{name, dtype, shape, kept, sha256}] by name, kept being the values that are not 0; throws for holes, and for what is not F32. */
export function listSafetensors(bytes) {
  const start = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const { __metadata__: _metadata, ...header } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, start)),
  );
  let covered = 0;
  for (const [begin, end] of Object.values(header)
    .map((entry) => entry.data_offsets)
    .sort((a, b) => a[0] - b[0])) {
    if (begin !== covered) throw new Error(`a hole or an overlap at byte ${covered} of the tensors`);
    covered = end;
  }
  if (start + covered !== bytes.length)
    throw new Error(`${bytes.length - start - covered} bytes belong to no tensor`);
  return Object.entries(header)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        if (dtype !== 'F32') throw new Error(`"${name}" is ${dtype}; decode writes F32 alone`);
        const data = bytes.slice(start + begin, start + end);
        const kept = new Float32Array(data.buffer).filter((value) => value !== 0).length;
        return { name, dtype, shape, kept, sha256: createHash('sha256').update(data).digest('hex') };
      },
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The listing by Python's package; undefined where there is no Python that has it. */
export function listByPython(file, python = process.env.PYTHON ?? 'python3') {
  if (spawnSync(python, ['-c', 'import safetensors, numpy']).status !== 0) return undefined;
  const script = path.join(ROOT, 'tools/check/read-safetensors.py');
  const { status, stdout, stderr } = spawnSync(python, [script, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Python's safetensors cannot read it:\n${stderr}`);
  return JSON.parse(stdout);
}
