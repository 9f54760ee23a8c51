/** The shape of `report.json`: one zod schema, from which the type, the validator and docs/report.schema.json come. */
import { z } from 'zod';

export const REPORT_VERSION = 1;

const share = z.number().min(0).max(1);
const bytes = z.int().min(0);
const counts = z.strictObject({ total: z.int(), kept: z.int(), ratio: z.number() });

const wire = z
  .strictObject({ dense: bytes, masked: bytes, had: bytes, overhead: bytes })
  .describe('Bytes of the inputs by form; "had" are dense bytes that the receiver had already.');

const layer = z.strictObject({
  name: z.string(),
  weights: z.int(),
  kept: z.int().describe('Not zero in the decoded file.'),
  keptShare: share,
  threshold: z
    .number()
    .nullable()
    .describe('Score below which the last pruning removed; null where none did.'),
  bits: z.int().describe('Of a codebook index; 32 where values are not shared.'),
  bytes: bytes.describe('Kernel and bias in the artifact.'),
});

const round = z.strictObject({
  round: z.int(),
  kept: z.int(),
  keptShare: share,
  heldOutError: share.nullable(),
  testError: share,
  withinBudget: z.boolean(),
  chosen: z.boolean().describe('Did the run go on to encoding from this round?'),
});

const stage = z.strictObject({
  stage: z.string(),
  seconds: z.number(),
  wireBytes: bytes.describe('What its inputs took on the wire.'),
  wire: wire.optional(),
  cached: z.boolean(),
});

export const reportSchema = z
  .strictObject({
    version: z.literal(REPORT_VERSION),
    run: z.string(),
    recipe: z.string(),
    network: z.string(),
    seed: z.int(),
    dense: z.strictObject({ error: share }),
    final: z.strictObject({ error: share }),
    weights: counts.describe('Without biases.'),
    parameters: counts.describe('With biases.'),
    layers: z.array(layer),
    rounds: z.array(round),
    artifact: z.strictObject({
      path: z.string(),
      bytes,
      denseBytes: bytes.describe('4 bytes a parameter, biases included.'),
      ratio: z.number(),
      error: share.describe(
        'Measured on the network decoded from the file, by a process that has nothing else.',
      ),
      digest: z.string(),
    }),
    paperCoding: z.json().describe("The same weights by DC16's coding, layer by layer."),
    engine: z.strictObject({ backend: z.enum(['native', 'wasm']), version: z.string(), threads: z.int() }),
    stages: z.array(stage),
  })
  .describe('The report of an Espalier run. Errors are shares from 0 to 1 of the test images.');

export type Report = z.output<typeof reportSchema>;
export type ReportLayer = z.output<typeof layer>;
export type ReportRound = z.output<typeof round>;
export type StageWire = z.output<typeof wire>;

/** The JSON Schema as it stands in docs/report.schema.json. */
export function reportJsonSchema(): unknown {
  return z.toJSONSchema(reportSchema);
}
