/** What the bench `size` leaves in docs/results. */
import type { Circumstances } from '../circumstances';

export interface SizeStage {
  readonly stage: string;
  /** From its first offer to its end: with the transfer of its inputs. */
  readonly seconds: number;
  /** What its inputs took on the wire. */
  readonly wireBytes: number;
}

export interface SizeNetwork {
  readonly network: string;
  readonly weights: number;
  readonly kept: number;
  /** Of all parameters, 4 bytes each. */
  readonly denseBytes: number;
  /** Of the file. */
  readonly bytes: number;
  /** The published size of DC16. */
  readonly dc16Bytes: number;
  /** The same weights in DC16's own coding (5 or 8 bits a gap, Huffman), kernels alone. */
  readonly paperCodingBytes: number;
  readonly stages: readonly SizeStage[];
  /** A whole run, from `espalier run` to its report. */
  readonly runSeconds: number;
  /** `espalier decode`, into a safetensors file. */
  readonly decodeSeconds: number;
  /** Most memory held, in bytes: by service, `cli`, `eval` (its process that tests the file) and `decode`. */
  readonly peakBytes: Readonly<Record<string, number>>;
  /** 2 x the dense bytes + 500 MB. */
  readonly limitBytes: number;
  /** Root mean square of decoded less given weights, over that of the given ones, those that were kept. */
  readonly distortion: number;
}

export interface SizeResults {
  readonly version: number;
  readonly bench: 'size';
  readonly circumstances: Circumstances;
  readonly networks: readonly SizeNetwork[];
}
