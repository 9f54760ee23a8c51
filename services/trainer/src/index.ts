export { startTrainer, type TrainerOptions } from './start-trainer';
