/** What a round did to a mask: a weight is kept, removed since the round before, come back since, or was gone already. */
import type { MaskPicture } from './mask-picture';

export interface MaskChange {
  readonly picture: MaskPicture;
  /** The mask before; the same as `picture` where there is none to compare with. */
  readonly before: MaskPicture;
  readonly compared: boolean;
  readonly counts: ChangeCounts;
}

export interface ChangeCounts {
  readonly weights: number;
  readonly kept: number;
  /** Weight by weight; absent where the picture has blocks only. */
  readonly removed?: number;
  readonly back?: number;
  /** Kept now less kept before; absent where nothing is compared. */
  readonly difference?: number;
}

/** Compares only what has one shape: a layer that was shrunk in between has other weights at the same places. */
export function maskChange(picture: MaskPicture, before?: MaskPicture): MaskChange {
  const { weights, kept } = picture;
  if (!before || !comparable(picture, before)) {
    return { picture, before: picture, compared: false, counts: { weights, kept } };
  }
  const counts = { weights, kept, difference: kept - before.kept };
  if (picture.grid) return { picture, before, compared: true, counts };
  let removed = 0;
  let back = 0;
  for (let i = 0; i < picture.shares.length; i++) {
    const difference = picture.shares[i] - before.shares[i];
    if (difference < 0) removed++;
    else if (difference > 0) back++;
  }
  return { picture, before, compared: true, counts: { ...counts, removed, back } };
}

function comparable(a: MaskPicture, b: MaskPicture): boolean {
  return (
    a.full === b.full &&
    a.shares.length === b.shares.length &&
    a.shape.length === b.shape.length &&
    a.shape.every((axis, i) => axis === b.shape[i])
  );
}

/** For people who do not see the picture. */
export function changeInWords({ picture, compared, counts }: MaskChange, since: string): string {
  const number = (value: number): string => value.toLocaleString('en');
  const percent = counts.weights === 0 ? 0 : (100 * counts.kept) / counts.weights;
  const kept = `${number(counts.kept)} of ${number(counts.weights)} weights kept (${percent.toFixed(percent < 10 ? 2 : 1)} %)`;
  const parts = [kept];
  if (counts.removed !== undefined) parts.push(`${number(counts.removed)} removed since ${since}`);
  if (counts.back !== undefined) parts.push(`${number(counts.back)} come back`);
  if (compared && counts.removed === undefined && counts.difference !== undefined) {
    const { difference } = counts;
    parts.push(
      `${number(Math.abs(difference))} ${difference > 0 ? 'more' : 'fewer'} than ${since}; drawn as ${picture.grid?.join(' x ')} blocks`,
    );
  }
  return parts.join(', ');
}

/** What became of entry `i`, in words: of a block its share, of a sum over units their number. */
export function entryInWords({ picture, before, compared }: MaskChange, i: number): string {
  const now = picture.shares[i];
  const then = before.shares[i];
  if (picture.grid) return `about ${Math.round(100 * (now / picture.full) ** 2)} % kept`;
  if (picture.summed) return compared && then !== now ? `${now} kept, ${then} before` : `${now} kept`;
  if (!compared) return now ? 'kept' : 'removed';
  if (now) return then ? 'kept' : 'come back';
  return then ? 'removed now' : 'removed earlier';
}
