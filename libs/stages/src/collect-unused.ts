/** Stages let go of much between two tensors, as the engine does when it has loaded them. */
export { collectUnused } from '@espalier/engine';
