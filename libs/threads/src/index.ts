export { MAX_PARTS } from './member';
export { openTeam, type StartThread, type Team, type TeamPart, type TeamSpec } from './team';
