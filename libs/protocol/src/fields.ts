/** Validators of the fields that several messages share. */
import type { JsonValue } from '@espalier/base';
import * as z from 'zod';
import { PROTOCOL_LIMITS } from './limits';

/** Ids of messages, leases, services and runs: safe in file names, URLs and terminals. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'must be 1..128 of A-Z a-z 0-9 . _ : -');

/** SHA-256 as 64 lower-case hex digits. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

export const digests = z.array(digest).max(PROTOCOL_LIMITS.maxDigests);

/** Names of stages, roles and event types, e.g. `train`, `stage.progress`. */
export const word = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'must be a word of at most 64 letters');

/** A sentence for people. */
export const sentence = z.string().max(4096);

/** Stable code of an error, `AREA_PROBLEM`. */
export const errorCodeField = z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/, 'must be an error code');

/** Where a service shows its store: a ws or wss URL. */
export const dataUrl = z
  .string()
  .max(512)
  .regex(/^wss?:\/\/[^\s]+$/, 'must be a ws:// or wss:// URL');

/** Milliseconds since the epoch. */
export const timestampMs = z.number().int().nonnegative();

/** A number of the run's log; the first record is 1. */
export const seq = z.number().int().nonnegative();

/** Any JSON. Depth and size are bounded by the scan before. */
export const json = z.custom<JsonValue>(isJson, 'must be JSON: no NaN, no bytes');

/** A JSON object. */
export const jsonObject = z.custom<{ readonly [key: string]: JsonValue | undefined }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value),
  'must be a JSON object: no NaN, no bytes',
);

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isJson);
      if (ArrayBuffer.isView(value)) return false;
      return Object.values(value).every((item) => item === undefined || isJson(item));
    default:
      return false;
  }
}
