/**
 * Headers of the data plane, over which snapshots and blobs are pulled. The owner is the WebSocket server.
 *
 *   receiver ── want.manifest ──►  owner     which tensors are in this snapshot?
 *   receiver ◄─ manifest ────────  owner     (or missing)
 *   receiver ── want ────────────►  owner    these, from where I stopped, in one of these forms
 *   receiver ◄─ chunk ... ───────  owner     at most as many bytes as there is credit
 *   receiver ── credit ... ──────►  owner    so many bytes are on my disk
 *   receiver ◄─ end ─────────────  owner     (missing before it, for what the owner lacks)
 */
import { DTYPES, SHAPE_LIMITS, type DType } from '@espalier/tensor';
import * as z from 'zod';
import { digest, digests, errorCodeField, sentence } from '../fields';
import { PROTOCOL_LIMITS } from '../limits';

/** Number of a transfer, chosen by the receiver, unique on its connection. */
const transfer = z.number().int().min(0).max(0xffffffff);
const byteCount = z.number().int().nonnegative();
const form = z.enum(['dense', 'masked']);

/** Receiver to owner. */
export const wantManifest = z.object({ kind: z.literal('want.manifest'), transfer, snapshot: digest });

/** Owner to receiver; the bytes are the manifest's canonical JSON, whose digest is the snapshot's id. */
export const manifest = z.object({ kind: z.literal('manifest'), transfer, snapshot: digest });

/** Receiver to owner: what it lacks. What it has already it does not ask for. */
export const want = z.object({
  kind: z.literal('want'),
  transfer,
  /** The snapshot that the digests are tensors of; absent for plain blobs, which travel dense. */
  snapshot: digest.optional(),
  digests,
  /** What is there from a transfer that was cut: go on behind these bytes of that form. */
  partial: z.array(z.object({ digest, form, bytes: byteCount })).max(PROTOCOL_LIMITS.maxDigests),
  /** Forms that the receiver can read. */
  forms: z.array(form).min(1).max(2),
  /** Bytes that the owner may send before the first `credit`. */
  credit: byteCount.max(PROTOCOL_LIMITS.windowBytes),
  /** The receiver takes checks that run on from chunk to chunk. */
  running: z.boolean().optional(),
});

/** Owner to receiver; the bytes are a part of the tensor's form. Parts of one tensor come in order, tensors one by one. */
export const chunk = z.object({
  kind: z.literal('chunk'),
  transfer,
  /** SHA-256 of the dense bytes of the whole tensor. */
  digest,
  form,
  /** Element type and shape of the whole tensor; a plain blob is uint8 of its length. */
  dtype: z.enum(DTYPES as unknown as [DType, ...DType[]]),
  shape: z.array(z.number().int().nonnegative()).max(SHAPE_LIMITS.maxRank),
  /** Where these bytes belong in the form. */
  offset: byteCount,
  /** Bytes of the whole form. */
  total: byteCount,
  /** SHA-256 of these bytes; where `running`, of all that this transfer has sent of the form, these included. */
  check: digest,
  /**
   * With running checks both ends hash each byte once: the check of the last chunk of a dense form that came from its start is
   * the tensor's digest. Only where the `want` says that the receiver takes it.
   */
  running: z.boolean().optional(),
});

/** Receiver to owner: so many more bytes may be sent. */
export const credit = z.object({
  kind: z.literal('credit'),
  transfer,
  bytes: byteCount.max(PROTOCOL_LIMITS.windowBytes),
});

/** Receiver to owner: stop this transfer. */
export const cancel = z.object({ kind: z.literal('cancel'), transfer });

/** Owner to receiver: everything that was wanted and is there has been sent. */
export const end = z.object({ kind: z.literal('end'), transfer });

/** Owner to receiver: these are not here. */
export const missing = z.object({ kind: z.literal('missing'), transfer, digests });

/** Owner to receiver: the transfer is over. */
export const dataError = z.object({
  kind: z.literal('error'),
  transfer,
  code: errorCodeField,
  message: sentence,
  retryable: z.boolean(),
});

export const DATA_HEADERS = {
  'want.manifest': wantManifest,
  manifest,
  want,
  chunk,
  credit,
  cancel,
  end,
  missing,
  error: dataError,
} as const;

export type DataKind = keyof typeof DATA_HEADERS;
export type DataHeader<Kind extends DataKind = DataKind> = {
  [K in Kind]: z.infer<(typeof DATA_HEADERS)[K]>;
}[Kind];
