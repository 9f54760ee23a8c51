export {
  TRANSFORM_LENGTH,
  augmentationTransforms,
  isIdentityAugment,
  transformImages,
  type AugmentSpec,
} from './augmentation';
