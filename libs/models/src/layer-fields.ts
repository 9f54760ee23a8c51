/**
 * What may be written for each type of layer, as plain data: the checker here and the schema of recipes are both made
 * from this table. Every layer also has `type`, `name` (default: its type and a running number) and `inputs` (default: the
 * layer before).
 */
import type { LayerType } from './network';

interface FieldBase {
  /** One line for people, without a full stop. */
  readonly doc: string;
}

export interface IntegerField extends FieldBase {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
  /** Without one, the field must be written. */
  readonly default?: number;
}

export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly min?: number;
  readonly max?: number;
  /** Exclusive limits. */
  readonly above?: number;
  readonly below?: number;
  readonly default?: number;
}

/** Height and width; a single whole number n stands for [n, n]. */
export interface PairField extends FieldBase {
  readonly kind: 'pair';
  readonly min: number;
  readonly max: number;
  readonly default?: number | { readonly sameAs: string };
}

export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly values: readonly string[];
  readonly default?: string;
}

export interface BooleanField extends FieldBase {
  readonly kind: 'boolean';
  readonly default?: boolean;
}

export type FieldSpec = IntegerField | NumberField | PairField | ChoiceField | BooleanField;

/** Bounds on what a description may ask for: far above any network, far below what exhausts memory by itself. */
export const NETWORK_LIMITS = {
  maxLayers: 4096,
  maxUnits: 2 ** 20,
  maxWindow: 1024,
  maxAxis: 2 ** 16,
} as const;

const units = (doc: string): IntegerField => ({ kind: 'integer', min: 1, max: NETWORK_LIMITS.maxUnits, doc });
const window = (doc: string): PairField => ({ kind: 'pair', min: 1, max: NETWORK_LIMITS.maxWindow, doc });
const bias: BooleanField = { kind: 'boolean', default: true, doc: 'add a bias to each output' };
const padding: ChoiceField = {
  kind: 'choice',
  values: ['valid', 'same'],
  default: 'valid',
  doc: 'valid: only where the window fits; same: zeros around, so that the size is divided by the stride alone',
};

const pool: Readonly<Record<string, FieldSpec>> = {
  size: window('height and width of the window'),
  stride: { ...window('step of the window'), default: { sameAs: 'size' } },
  padding,
};

export const LAYER_FIELDS: Readonly<Record<LayerType, Readonly<Record<string, FieldSpec>>>> = {
  dense: { units: units('outputs of the layer'), bias },
  conv2d: {
    filters: units('output channels'),
    kernel: window('height and width of the kernel'),
    stride: { ...window('step of the kernel'), default: 1 },
    padding,
    groups: {
      kind: 'integer',
      min: 1,
      max: NETWORK_LIMITS.maxUnits,
      default: 1,
      doc: 'groups that see only their part of the input channels; divides the input channels and the filters',
    },
    bias,
  },
  maxPool: pool,
  averagePool: pool,
  globalAveragePool: {},
  flatten: {},
  relu: {},
  dropout: {
    rate: { kind: 'number', min: 0, below: 1, default: 0.5, doc: 'share of the activations that is dropped' },
  },
  batchNorm: {
    epsilon: { kind: 'number', above: 0, max: 1, default: 1e-5, doc: 'added to the variance' },
    momentum: {
      kind: 'number',
      min: 0,
      below: 1,
      default: 0.9,
      doc: 'share of the moving statistics that stays at each step',
    },
  },
  // Defaults: AlexNet's, as Caffe has them (its alpha 1e-4 is divided by the 5 channels of the window).
  localResponseNorm: {
    radius: { kind: 'integer', min: 1, max: 1024, default: 2, doc: 'channels on each side that count' },
    bias: { kind: 'number', above: 0, default: 1, doc: 'offset of the denominator' },
    alpha: { kind: 'number', min: 0, default: 2e-5, doc: 'weight of the sum of squares' },
    beta: { kind: 'number', min: 0, default: 0.75, doc: 'exponent of the denominator' },
  },
  add: {},
  concat: {},
};

export const LAYER_TYPES = Object.keys(LAYER_FIELDS) as readonly LayerType[];

/** How many inputs a layer of this type reads. */
export function inputCount(type: LayerType): { readonly min: number; readonly max: number } {
  return type === 'add' || type === 'concat' ? { min: 2, max: Infinity } : { min: 1, max: 1 };
}

/** `a whole number from 1 to 1024`: what a field accepts, in words. */
export function describeField(field: FieldSpec): string {
  switch (field.kind) {
    case 'integer':
      return `a whole number from ${field.min} to ${field.max}`;
    case 'number': {
      const limits = [
        field.min === undefined ? '' : `>= ${field.min}`,
        field.above === undefined ? '' : `> ${field.above}`,
        field.max === undefined ? '' : `<= ${field.max}`,
        field.below === undefined ? '' : `< ${field.below}`,
      ].filter((limit) => limit !== '');
      return ['a number', ...limits.join(' and ').split(' ')].join(' ').trim();
    }
    case 'pair':
      return `a whole number from ${field.min} to ${field.max}, or [height, width]`;
    case 'choice':
      return field.values.map((value) => `"${value}"`).join(' or ');
    case 'boolean':
      return 'true or false';
  }
}
