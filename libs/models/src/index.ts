export { checkNetwork } from './check-network';
export { networkErrorTable } from './errors';
export {
  LAYER_FIELDS,
  LAYER_TYPES,
  NETWORK_LIMITS,
  describeField,
  inputCount,
  type BooleanField,
  type ChoiceField,
  type FieldSpec,
  type IntegerField,
  type NumberField,
  type PairField,
} from './layer-fields';
export {
  consumersOf,
  isKernelLayer,
  requireLayer,
  unitChains,
  type KernelLayer,
  type UnitChain,
  type UnitReader,
} from './layer-graph';
export { NETWORK_NAMES, networkByName } from './named-networks';
export {
  INPUT,
  type AddLayer,
  type BatchNormLayer,
  type ConcatLayer,
  type Conv2dLayer,
  type DenseLayer,
  type DropoutLayer,
  type FlattenLayer,
  type GlobalAveragePoolLayer,
  type LayerSpec,
  type LayerType,
  type LocalResponseNormLayer,
  type NetworkSpec,
  type Padding,
  type ParameterSpec,
  type PoolLayer,
  type ReluLayer,
} from './network';
export { connectionsOf, inferShapes, parametersOf, windowCount } from './shapes';
