export { type KernelChoice } from './choose-kernels';
export { type Model } from './create-model';
export { inferenceErrorTable, threadErrorTable } from './errors';
export { KERNEL_NAMES, describePlan, type KernelName, type LayerPlan, type ModelPlan } from './plan';
export { type ModelSource } from './source';
export { createModel, type ThreadedModelOptions as ModelOptions } from './threads/create-threaded-model';
