export { startEncoder, type EncoderOptions } from './start-encoder';
