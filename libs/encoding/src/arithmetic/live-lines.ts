/** Which rows and which outputs of a tensor have any weight left: said first, so that dead ones cost nothing afterwards. */
import { encodingError } from '../errors';
import { AdaptiveBits, codeRaw } from './adaptive-bits';
import type { CoderModel } from './coder-model';
import { FEED_STEPS, feedOf, type Feed, type OutputEnergies } from './feed';
import { previousChannelRow, shiftedRow, type KernelView } from './kernel-view';
import { NAT, STRETCH } from './logistic';
import { MixedBits, ruleOf } from './mixed-bits';
import { ONE, type BinaryCoder } from './range-coder';

export interface LiveLines {
  /** Ascending. */
  readonly rows: Int32Array;
  readonly outputs: Int32Array;
}

export interface LiveFrame {
  readonly view: KernelView;
  readonly model: CoderModel;
  /** Of the tensor that writes what the rows read, by channel. */
  readonly energies?: OutputEnergies;
}

/** One flag a row and one an output (1 = alive), from the codes [rows, outputs]. */
export function findLive(view: KernelView, codes: Uint16Array): { rows: Uint8Array; outputs: Uint8Array } {
  const rows = new Uint8Array(view.rows);
  const outputs = new Uint8Array(view.outputs);
  for (let row = 0, i = 0; row < view.rows; row++) {
    let any = 0;
    for (let output = 0; output < view.outputs; output++, i++) {
      any |= codes[i];
      outputs[output] |= +(codes[i] !== 0);
    }
    rows[row] = +(any !== 0);
  }
  return { rows, outputs };
}

/** The same as the lines themselves. */
export function liveLinesOf(view: KernelView, codes: Uint16Array): LiveLines {
  const { rows, outputs } = findLive(view, codes);
  return { rows: indexesOf(rows, view.rows), outputs: indexesOf(outputs, view.outputs) };
}

/** Flags are few: their weights must learn fast. */
const RULE = ruleOf(60, 2, 256);
/** A share of live rows is estimated with so many rows' worth of prior. */
const PRIOR_STRENGTH = { all: 2, channel: 2, pixel: 4 } as const;
/** Counts of a channel's live rows, and of those seen, as contexts. */
const CHANNEL_LIVE = 16;
const CHANNEL_SEEN = 8;

/**
 * Codes the flags. A row's context is whether its neighbours above, to the left, beside those and in the channel before are
 * alive; an output's is the two before it. Since version 2 a row's is mixed
 * with how many rows of its channel and of its pixel are alive: a feature map that is dead is so at every pixel; and with what feeds
 * its channel, where one bit before the flags says so. `codes` is what is to be encoded, or undefined when decoding.
 */
export function codeLiveLines(
  coder: BinaryCoder,
  { view, model, energies }: LiveFrame,
  codes?: Uint16Array,
): LiveLines {
  const flags = codes ? findLive(view, codes) : undefined;
  const rows = new Uint8Array(view.rows + 1);
  const rowBits = model.refined ? new RowFlags(view, codeFeed(coder, view, energies)) : new AdaptiveBits(32);
  for (let row = 0; row < view.rows; row++) {
    const context =
      rows[shiftedRow(view, row, [0, -1])] +
      2 * rows[shiftedRow(view, row, [-1, 0])] +
      4 * rows[shiftedRow(view, row, [-1, -1])] +
      8 * rows[shiftedRow(view, row, [-1, 1])] +
      16 * rows[previousChannelRow(view, row)];
    rows[row] = rowBits.code(coder, context, flags ? flags.rows[row] : 0);
  }
  const outputs = new Uint8Array(view.outputs);
  const outputBits = new AdaptiveBits(4);
  for (let output = 0; output < view.outputs; output++) {
    const context = (outputs[output - 1] ?? 0) + 2 * (outputs[output - 2] ?? 0);
    outputs[output] = outputBits.code(coder, context, flags ? flags.outputs[output] : 0);
  }
  return { rows: indexesOf(rows, view.rows), outputs: indexesOf(outputs, view.outputs) };
}

/** One bit: what feeds the channels is known. */
function codeFeed(coder: BinaryCoder, { channels }: KernelView, energies?: OutputEnergies): Feed {
  const known = energies?.length === channels;
  const used = codeRaw(coder, known ? 1 : 0, 1);
  if (used && !known)
    throw encodingError('ENCODING_STREAM', { what: 'live rows', problem: 'no tensor before feeds them' });
  return feedOf(used ? energies : undefined, channels);
}

/** The flag of each row in turn. */
class RowFlags {
  private readonly channelLive: Int32Array;
  private readonly channels: number;
  private readonly stepLive = new Int32Array(FEED_STEPS);
  private readonly stepSeen = new Int32Array(FEED_STEPS);
  private row = 0;
  private live = 0;
  private pixelLive = 0;
  private readonly mixed = new MixedBits(
    {
      tables: [
        1,
        32,
        CHANNEL_LIVE * CHANNEL_SEEN,
        8 * CHANNEL_LIVE,
        8 * FEED_STEPS,
        FEED_STEPS * CHANNEL_LIVE,
      ],
      opinions: 5,
      sets: 1,
    },
    RULE,
  );

  constructor(
    { channels }: KernelView,
    private readonly feed: Feed,
  ) {
    this.channels = channels;
    this.channelLive = new Int32Array(channels);
  }

  code(coder: BinaryCoder, context: number, bit: number): number {
    const { channelLive, channels, mixed, row } = this;
    const channel = row % channels;
    const seen = (row - channel) / channels;
    if (channel === 0) this.pixelLive = 0;
    const all = Math.floor(((this.live + 1) * ONE) / (row + PRIOR_STRENGTH.all));
    const count = Math.min(CHANNEL_LIVE - 1, channelLive[channel]);
    mixed.contexts[0] = 0;
    mixed.contexts[1] = context;
    mixed.contexts[2] = count * CHANNEL_SEEN + Math.min(CHANNEL_SEEN - 1, seen);
    mixed.contexts[3] = (context & 7) * CHANNEL_LIVE + count;
    const step = this.feed.steps[channel];
    mixed.contexts[4] = (context & 7) * FEED_STEPS + step;
    mixed.contexts[5] = step * CHANNEL_LIVE + count;
    mixed.opinions[0] = NAT;
    mixed.opinions[1] = odds(channelLive[channel], seen, all, PRIOR_STRENGTH.channel);
    mixed.opinions[2] = odds(this.pixelLive, channel, all, PRIOR_STRENGTH.pixel);
    mixed.opinions[3] = odds(this.stepLive[step], this.stepSeen[step], all, 1);
    mixed.opinions[4] = this.feed.odds[channel];
    const live = mixed.code(coder, bit, 0);
    channelLive[channel] += live;
    this.stepLive[step] += live;
    this.stepSeen[step]++;
    this.pixelLive += live;
    this.live += live;
    this.row++;
    return live;
  }
}

function odds(live: number, seen: number, prior: number, strength: number): number {
  const share = Math.floor((live * ONE + strength * prior) / (seen + strength));
  return STRETCH[Math.max(1, Math.min(ONE - 1, share))];
}

function indexesOf(flags: Uint8Array, size: number): Int32Array {
  const indexes: number[] = [];
  for (let i = 0; i < size; i++) if (flags[i]) indexes.push(i);
  return Int32Array.from(indexes);
}
