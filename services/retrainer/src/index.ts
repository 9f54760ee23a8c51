export { startRetrainer, type RetrainerOptions } from './start-retrainer';
