/** Who decodes which file to which weights. */
import { table } from '@espalier/stages';
import type { DecodeIdentityResults } from '../decode-identity/results';
import { integer } from './cells';

/** Enough of a digest to tell them apart by eye. */
const SHOWN = 12;

export function decodeIdentityTable({ files, programs, circumstances }: DecodeIdentityResults): string {
  const rows = files.map(({ file, bytes, tensors, digests, differences }) => {
    const digest = digests[programs[0].program].slice(0, SHOWN);
    const same = differences.length === 0 ? 'the same' : differences.map(({ program }) => program).join(', ');
    return [file, integer(bytes), String(tensors.length), `\`${digest}\``, same];
  });
  return [
    table(['file', 'bytes', 'tensors', `SHA-256, ${programs[0].program}`, 'differs in'], rows),
    '',
    `Decoded by ${programs.map(({ program }) => program).join('; ')}. A digest is that of all tensors: their names and the SHA-256 of their ` +
      `dense little-endian bytes. By \`${circumstances.command}\`, ${circumstances.date}.`,
  ].join('\n');
}
