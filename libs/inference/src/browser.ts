/** What a page gets: models, and the decoder of the files that they are made from. `npm run build:browser` makes one file of it. */
export { decodeArtifact, type DecodedArtifact } from '@espalier/encoding';
export { createModel, type Model, type ModelOptions } from './create-model';
export { describePlan, type ModelPlan } from './plan';
