export { MAX_PARTS } from './member';
export { sharedModule, type SharedModule } from './shared-module';
export { openTeam, type StartThread, type Team, type TeamPart, type TeamSpec } from './team';
