import type { DenseLayer } from '@espalier/models';
import { addDenseRows } from '../kernels/dense-rows';
import { addSparseColumns } from '../kernels/sparse-columns';
import { addSparseRows, type DenseSpec } from '../kernels/sparse-rows';
import {
  MAX_TILE_VECTORS,
  addDenseTiles,
  addSparseTiles,
  type TileSpec,
  type Tiling,
} from '../kernels/tiles';
import { denseOutputs, sparseOutputs, type WeightMatrix } from '../kernels/weight-forms';
import type { Fused, Target } from './steps';
import { reserveVector, type VectorValue } from './values';

export function lowerDense(fused: Fused<DenseLayer>, input: VectorValue, target: Target): VectorValue {
  const { layer } = fused;
  const { arena, steps, passes } = target;
  const output = reserveVector(arena, layer.units, passes);
  const forms = batchForms(fused, input, target);
  const calls = passes.map((samples, pass) => {
    const name = `${layer.name}@${samples}`;
    const places = { name, x: input.at[pass], y: output.at[pass] };
    if (samples === 1) addSingle(fused, { ...places, inputs: input.features }, target);
    else forms.add(samples, places);
    return name;
  });
  steps.push({ on: 'vector', layer: layer.name, calls });
  return output;
}

interface Places {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

function addSingle(
  { layer, relu }: Fused<DenseLayer>,
  places: Places & { readonly inputs: number },
  target: Target,
): void {
  const kernel = `${layer.name}/kernel`;
  const spec: DenseSpec = {
    ...places,
    outputs: layer.units,
    kernel: target.parameter(kernel),
    bias: biasOf(layer, target),
    relu,
    list: target.arena.reserve(places.inputs + 1),
  };
  const name = target.kernels(layer.name).single;
  const codes = name === 'sparse-codes' || name === 'sparse-levels' ? target.codes(kernel) : undefined;
  if (name === 'dense') addDenseRows(target, spec);
  else if (name === 'sparse-columns' || name === 'sparse-levels') addSparseColumns(target, spec, codes);
  else addSparseRows(target, spec, codes);
}

/** Input i of all samples lies side by side. The forms are made once: offsets are those of one sample, and shifted. */
function batchForms({ layer, relu }: Fused<DenseLayer>, input: VectorValue, target: Target) {
  const dense = target.kernels(layer.name).batch === 'dense';
  const matrix = (): WeightMatrix => ({
    kernel: target.parameter(`${layer.name}/kernel`),
    outputs: layer.units,
    groups: 1,
    offsets: Uint32Array.from({ length: input.features }, (_, i) => 4 * i),
    groupStep: 0,
  });
  const made = target.passes.some((samples) => samples > 1);
  const sparseForm = made && !dense ? sparseOutputs(matrix()) : undefined;
  const denseForm = made && dense ? denseOutputs(matrix()) : undefined;
  return {
    add(samples: number, places: Places): void {
      const vectors = Math.min(samples / 4, dense ? 2 : MAX_TILE_VECTORS);
      const sideBySide = (length: number, bytes: number): Tiling['tiles'] =>
        Array.from({ length }, (_, i) => ({ x: bytes * i, y: bytes * i }));
      const spec: TileSpec = {
        ...places,
        tiling: {
          tiles: sideBySide(samples / (4 * vectors), 16 * vectors),
          vectors: sideBySide(vectors, 16),
        },
        outputStep: 4 * samples,
        outputs: layer.units,
        bias: biasOf(layer, target),
        relu,
        shift: Math.log2(samples),
      };
      if (denseForm) addDenseTiles(target, spec, denseForm);
      if (sparseForm) addSparseTiles(target, spec, sparseForm);
    },
  };
}

function biasOf(layer: DenseLayer, target: Target): Float32Array {
  return layer.bias ? target.parameter(`${layer.name}/bias`) : new Float32Array(layer.units);
}
