/** Share of the weights that pruning keeps: HAN15's of AlexNet. */
export const KEPT_SHARE = 0.11;

/** DC16's for fully connected layers. */
export const BITS = 5;
