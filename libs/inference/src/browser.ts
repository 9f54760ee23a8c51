/** What a page gets: models, and the decoder of the files that they are made from. `npm run build:browser` makes one file of it. */
export { decodeArtifact, type DecodedArtifact } from '@espalier/encoding';
export { createModel, describePlan, type Model, type ModelOptions, type ModelPlan } from './index';
