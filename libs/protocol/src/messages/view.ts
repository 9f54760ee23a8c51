/**
 * What is seen of a run while it goes on. Two connections: services tell the hub (`points`, `layer.view`, `service.state`), and
 * viewers, on `/view`, say what they want to see (`view.watch`); what they get are data messages (`data/view-headers.ts`).
 *
 *   service ── points ──────►  hub       figures of a stage by step       (answer ack; sent again until it comes)
 *   service ── layer.view ──►  hub       one layer's picture              (answer ack)
 *   service ── service.state ►  hub      how the process is
 *   viewer  ── view.watch ──►  hub       the whole list of what it wants to see; replaces the list before
 */
import * as z from 'zod';
import { digest, id } from '../fields';
import { defineMessage } from './define-message';

export const VIEW_LIMITS = {
  /** Values in one `points`, all series together. */
  maxPoints: 1_000,
  /** Series in one `points`, names in one topic. */
  maxSeries: 1_000,
  maxTopics: 64,
  minBuckets: 16,
  maxBuckets: 16_384,
  /** Up to so many weights a mask travels bit by bit; beyond, as cells. */
  maxBitWeights: 262_144,
  /** Rows and columns of cells. */
  maxCells: 256,
  /** Bars of a histogram, values of a codebook. */
  maxBars: 256,
} as const;

const count = z.number().int().nonnegative();
/** Base64 of the deflated bytes of a picture: a mask of 262,144 bits that does not shrink at all has 43,700 letters. */
const MAX_PICTURE_LETTERS = 48 * 1024;

/** `loss`, `error/train`, `error/heldOut`, `learningRate`, `kept`, `kept/LAYER`; an observer's own: `plugin/NAME/...`. */
const seriesName = z
  .string()
  .regex(/^[^*\p{Cc}]{1,160}$/u, 'must be at most 160 letters without "*" and control characters');

/** A name, or the beginning of names with `*` behind it. */
const seriesPattern = z.string().regex(/^[^*\p{Cc}]{0,160}\*?$/u, 'may have a "*" at its end only');

const pointsOfSeries = z.object({
  name: seriesName,
  /** Steps within the stage, ever greater. */
  x: z.array(count).max(VIEW_LIMITS.maxPoints),
  y: z.array(z.number()).max(VIEW_LIMITS.maxPoints),
});

/** Service to hub: figures of a stage, in the order of their steps. What comes twice counts once. */
export const points = defineMessage(
  'points',
  z
    .object({
      /** The stage's key. */
      key: digest,
      /** Of the stage, from 0: for people who read along. */
      seq: count,
      series: z.array(pointsOfSeries).max(VIEW_LIMITS.maxSeries),
    })
    .superRefine(({ series }, context) => {
      const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
      if (series.reduce((sum, { x }) => sum + x.length, 0) > VIEW_LIMITS.maxPoints) {
        refuse(`must have at most ${VIEW_LIMITS.maxPoints} values`);
      }
      for (const { name, x, y } of series) {
        if (x.length !== y.length) refuse(`"${name}" must have as many y as x`);
        if (x.some((step, i) => i > 0 && step <= x[i - 1])) refuse(`the x of "${name}" must be ever greater`);
      }
    }),
);
export type PointsBody = z.infer<typeof points.body>;

const picture = z.object({
  /**
   * `bits`: the mask, bit i = weight i of the row-major kernel ([in, out] or [height, width, in, out]), least significant bit
   * first. `cells`: 4 bits each, row by row, the low half of a byte first: 15 times the square root of the kept share of a block of
   * weights, since a pruned layer keeps a few percent; 0 is nothing at all, 15 all.
   */
  form: z.enum(['bits', 'cells']),
  rows: z.number().int().positive(),
  cols: z.number().int().positive(),
  /** Base64 of the raw-deflated bytes. */
  data: z.string().max(MAX_PICTURE_LETTERS),
});

const histogram = z.object({
  from: z.number(),
  to: z.number(),
  /** Of bars of the same width; zeros by the mask are left out. */
  counts: z.array(count).max(VIEW_LIMITS.maxBars),
  /** Magnitudes below which weights were removed. */
  thresholds: z.array(z.number()).max(64),
});

const codebook = z
  .object({
    centroids: z.array(z.number()).max(VIEW_LIMITS.maxBars),
    /** Weights of each centroid. */
    counts: z.array(count).max(VIEW_LIMITS.maxBars),
  })
  .refine(({ centroids, counts }) => centroids.length === counts.length, 'needs a count for each centroid');

const layerViewFields = z.object({
  name: z.string().min(1).max(128),
  kind: z.enum(['dense', 'conv', 'other']),
  /** Of the kernel. */
  shape: z.array(z.number().int().positive()).max(8),
  weights: count,
  kept: count,
  picture: picture.optional(),
  histogram: histogram.optional(),
  codebook: codebook.optional(),
});

/** How one layer looks. */
export type LayerView = z.infer<typeof layerViewFields>;

/** Service to hub: one layer of a stage that has finished, or prunes as it trains (then at most one a second). */
export const layerView = defineMessage(
  'layer.view',
  z.object({
    /** The stage's key. */
    key: digest,
    layer: layerViewFields,
  }),
);
export type LayerViewBody = z.infer<typeof layerView.body>;

const pluginState = z.object({
  name: z.string().max(214),
  version: z.string().max(128),
  digest: digest.optional(),
  calls: count,
  meanMs: z.number().nonnegative().optional(),
  p50Ms: z.number().nonnegative().optional(),
  p99Ms: z.number().nonnegative().optional(),
  restarts: count,
});

/** A plugin that a service has started. */
export type PluginState = z.infer<typeof pluginState>;

/** Service to hub, every few seconds: the latest replaces the one before. No answer. */
export const serviceState = defineMessage(
  'service.state',
  z.object({ memoryBytes: count.optional(), plugins: z.array(pluginState).max(64).optional() }),
);
export type ServiceStateBody = z.infer<typeof serviceState.body>;

const topic = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('runs') }),
  z.object({ kind: z.literal('services') }),
  z.object({ kind: z.literal('run'), run: id }),
  z.object({ kind: z.literal('progress'), run: id }),
  z.object({
    kind: z.literal('series'),
    run: id,
    names: z.array(seriesPattern).max(VIEW_LIMITS.maxSeries),
    /** First and last run-global step; absent: from the beginning, to the end as it grows. */
    from: z.number().optional(),
    to: z.number().optional(),
    /** So many buckets a series, at most. */
    buckets: z.number().int().min(VIEW_LIMITS.minBuckets).max(VIEW_LIMITS.maxBuckets),
  }),
]);

/** What a viewer may want to see. */
export type Topic = z.infer<typeof topic>;

export const viewWatch = defineMessage(
  'view.watch',
  z.object({ topics: z.array(topic).max(VIEW_LIMITS.maxTopics) }),
);
export type ViewWatchBody = z.infer<typeof viewWatch.body>;

/** By which answers name a topic: of each kind there is one a run. */
export function topicKey(wanted: Topic): string {
  return 'run' in wanted ? `${wanted.kind}:${wanted.run}` : wanted.kind;
}
