/** The file of bench `decode-identity`, and what follows from what the programs decoded. */
import type { Circumstances } from '../circumstances';
import { differing, digestOfAll, type TensorDigest } from './tensor-digests';

export interface DecodedBy {
  readonly program: string;
  /** JavaScript engine, and whether WebAssembly was there. */
  readonly engine: string;
  /** One list a file, in the order in which the files were given. */
  readonly files: readonly (readonly TensorDigest[])[];
}

export interface FileIdentity {
  readonly file: string;
  readonly bytes: number;
  /** As the first program decoded them. */
  readonly tensors: readonly TensorDigest[];
  /** One digest of all tensors, by program. */
  readonly digests: Readonly<Record<string, string>>;
  /** Tensors that a program decoded to something else than the first one. */
  readonly differences: readonly { readonly program: string; readonly tensors: readonly string[] }[];
}

export interface DecodeIdentityResults {
  readonly version: number;
  readonly bench: 'decode-identity';
  readonly circumstances: Circumstances;
  readonly programs: readonly { readonly program: string; readonly engine: string }[];
  readonly files: readonly FileIdentity[];
  readonly same: boolean;
}

/** @param programs one at least; the others are compared with the first */
export function compareDecoded(
  files: readonly Pick<FileIdentity, 'file' | 'bytes'>[],
  programs: readonly DecodedBy[],
): FileIdentity[] {
  return files.map(({ file, bytes }, i) => {
    const tensors = programs[0].files[i];
    const differences = programs
      .map(({ program, files }) => ({ program, tensors: differing(tensors, files[i]) }))
      .filter((found) => found.tensors.length > 0);
    const digests = programs.map(({ program, files }) => [program, digestOfAll(files[i])]);
    return {
      file,
      bytes,
      tensors,
      digests: Object.fromEntries(digests) as Record<string, string>,
      differences,
    };
  });
}
