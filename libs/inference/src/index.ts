export { type KernelChoice } from './choose-kernels';
export { createModel, type Model, type ModelOptions } from './create-model';
export { inferenceErrorTable } from './errors';
export { KERNEL_NAMES, describePlan, type KernelName, type LayerPlan, type ModelPlan } from './plan';
export { type ModelSource } from './source';
