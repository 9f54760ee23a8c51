export { BitDecoder, BitEncoder } from './bit-coder';
export { decodeBytes, encodeBytes } from './byte-code';
export { decodePositions, encodePositions } from './position-code';
