/**
 * The life of a lease: the hub offers a stage, the service accepts, renews while it works, and ends with done or failed.
 * A lease that is not renewed in time is offered to another.
 *
 *   hub  ── lease.offer ──►  service          (a request: answer lease.accept, or refuse)
 *   hub  ◄─ lease.renew ───  service          (heartbeat, with progress)
 *   hub  ◄─ lease.done | lease.failed ──      (requests: answer ack, so that a result is never lost)
 *   hub  ── lease.cancel ──►  service         (stop; the service answers lease.failed with STAGE_CANCELLED)
 */
import * as z from 'zod';
import { dataUrl, digest, errorCodeField, id, json, jsonObject, sentence } from '../fields';
import { PROTOCOL_LIMITS } from '../limits';
import { defineMessage } from './define-message';

/** Where each input may be pulled from: digest of a snapshot or blob to data URLs, best first. */
const sources = z
  .record(digest, z.array(dataUrl).max(16))
  .refine(
    (map) => Object.keys(map).length <= PROTOCOL_LIMITS.maxDigests,
    `must have at most ${PROTOCOL_LIMITS.maxDigests} digests`,
  );

export const leaseOffer = defineMessage(
  'lease.offer',
  z.object({
    leaseId: id,
    /** The stage's specification; its shape is the business of the stages lib. */
    stage: jsonObject,
    /** Digest of everything that the stage's value depends on: the key of the stage cache. */
    resultKey: digest,
    /** Renewals must come closer together than this. */
    ttlMs: z.number().int().positive(),
    sources: sources.optional(),
  }),
);
export type LeaseOfferBody = z.infer<typeof leaseOffer.body>;

export const leaseAccept = defineMessage('lease.accept', z.object({ re: id, leaseId: id }));
export type LeaseAcceptBody = z.infer<typeof leaseAccept.body>;

export const leaseRenew = defineMessage(
  'lease.renew',
  z.object({
    leaseId: id,
    /** Done share of the stage, 0 to 1. */
    progress: z.number().min(0).max(1).optional(),
    /** Latest figures: epoch, loss, error, time left ... */
    fields: jsonObject.optional(),
  }),
);
export type LeaseRenewBody = z.infer<typeof leaseRenew.body>;

/** Bytes that the service pulled for a stage, by form. */
export const wireBytes = z.object({
  /** Payload received in the dense form. */
  dense: z.number().int().nonnegative(),
  /** Payload received in the masked form. */
  masked: z.number().int().nonnegative(),
  /** Dense bytes that were not sent, because the receiver had them. */
  had: z.number().int().nonnegative(),
  /** Headers and manifests. */
  overhead: z.number().int().nonnegative(),
});
export type WireBytes = z.infer<typeof wireBytes>;

export const leaseDone = defineMessage(
  'lease.done',
  z.object({
    leaseId: id,
    resultKey: digest,
    /** Output snapshots (or blobs, e.g. an artifact) by the name that the stage gives them. */
    snapshots: z.record(z.string().max(128), digest),
    /** The stage's other values: errors, layer tables ... */
    result: json,
    seconds: z.number().nonnegative(),
    wire: wireBytes.optional(),
  }),
);
export type LeaseDoneBody = z.infer<typeof leaseDone.body>;

export const leaseFailed = defineMessage(
  'lease.failed',
  z.object({
    leaseId: id,
    code: errorCodeField,
    message: sentence,
    retryable: z.boolean(),
    details: jsonObject.optional(),
  }),
);
export type LeaseFailedBody = z.infer<typeof leaseFailed.body>;

export const leaseCancel = defineMessage('lease.cancel', z.object({ leaseId: id, reason: sentence }));
export type LeaseCancelBody = z.infer<typeof leaseCancel.body>;
