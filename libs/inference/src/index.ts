export { type KernelChoice } from './choose-kernels';
export { type Model } from './create-model';
export { inferenceErrorTable, integerErrorTable, threadErrorTable } from './errors';
export { createIntegerModel, type IntegerModel } from './integer/create-integer-model';
export { type Calibration } from './integer/quantised-network';
export { KERNEL_NAMES, describePlan, type KernelName, type LayerPlan, type ModelPlan } from './plan';
export { type ModelSource } from './source';
export { createModel, type ThreadedModelOptions as ModelOptions } from './threads/create-threaded-model';
