/**
 * Dead units (HAN15 section 3.5): a neuron or filter with no output connection left does nothing; one with no input
 * connection left gives act(bias), a constant that moves into the biases of its readers. Removing either takes further
 * connections with it, so the search goes on until nothing changes.
 */
import { unitChains, type NetworkSpec, type UnitChain } from '@espalier/models';
import { asFloat32, sizeOf, type Mask, type Tensor } from '@espalier/tensor';
import { constantAt, foldsExactly } from './constant-unit';
import { readWeights } from './read-weights';

export interface DeadUnits {
  /** Units that nothing reads any more. */
  readonly unread: readonly number[];
  /** Units that read nothing, whose constant output was moved into the next biases. */
  readonly folded: readonly number[];
  /**
   * Units that read nothing and yet stay: their constant cannot be moved exactly (a reader pads its input with zeros, or
   * has no bias), the layer's units cannot be taken out (see `UnitChain.blockedBy`), or it is the layer's last unit.
   */
  readonly constant: readonly number[];
}

export interface DeadUnitSearch {
  /** By layer name, for every layer with a kernel. */
  readonly layers: Map<string, DeadUnits>;
  /** Live connections into and out of each unit, by layer name, once the dead ones are gone: [units]. */
  readonly connections: Map<string, Uint32Array>;
  /** Biases after folding, by tensor name; only those that changed. */
  readonly biases: Map<string, Float32Array>;
}

/** A layer while it is searched. */
interface LayerState {
  readonly chain: UnitChain;
  /** [window, inputs, units]: window is kh * kw, 1 for a dense kernel. */
  readonly weights: Float32Array;
  readonly window: number;
  readonly inputs: number;
  /** [units], in double precision while constants are added. */
  readonly bias: Float64Array | undefined;
  biasChanged: boolean;
  /** [units]: live connections into, and out of, each unit. */
  readonly incoming: Uint32Array;
  readonly outgoing: Uint32Array;
  readonly removed: Uint8Array;
  remaining: number;
  readonly unread: number[];
  readonly folded: number[];
}

/**
 * The dead units of a network. A connection lives while its weight is not 0 and its mask keeps it.
 *
 * @param tensors by name: kernels (or codes and codebook), biases, batch norm
 * @param masks by kernel tensor name; may be empty
 */
export function findDeadUnits(
  network: NetworkSpec,
  tensors: ReadonlyMap<string, Tensor>,
  masks: ReadonlyMap<string, Mask>,
): DeadUnitSearch {
  const states = new Map(
    unitChains(network).map((chain) => [chain.layer.name, startState(chain, tensors, masks)]),
  );
  for (const state of states.values()) countOutgoing(state, states);

  let changed = true;
  while (changed) {
    changed = false;
    // In the order of the layers: constants that were folded into a bias are part of what that unit hands on.
    for (const state of states.values()) {
      if (state.chain.blockedBy) continue;
      for (let unit = 0; unit < state.chain.units; unit++) {
        if (state.removed[unit] || state.remaining === 1) continue;
        const unread = state.outgoing[unit] === 0;
        if (!unread && (state.incoming[unit] > 0 || !fold(state, unit, { tensors, states }))) continue;
        (unread ? state.unread : state.folded).push(unit);
        remove(state, unit, states);
        changed = true;
      }
    }
  }
  return resultOf(states);
}

function startState(
  chain: UnitChain,
  tensors: ReadonlyMap<string, Tensor>,
  masks: ReadonlyMap<string, Mask>,
): LayerState {
  const { layer, units } = chain;
  const name = `${layer.name}/kernel`;
  const weights = readWeights(tensors, name, masks.get(name));
  const window = layer.type === 'conv2d' ? sizeOf(layer.kernel) : 1;
  const incoming = new Uint32Array(units);
  for (let i = 0, unit = 0; i < weights.length; i++) {
    if (weights[i] !== 0) incoming[unit]++;
    if (++unit === units) unit = 0;
  }
  const bias = tensors.get(`${layer.name}/bias`);
  return {
    chain,
    weights,
    window,
    inputs: weights.length / window / units,
    bias: bias && Float64Array.from(asFloat32(bias, `${layer.name}/bias`)),
    biasChanged: false,
    incoming,
    outgoing: new Uint32Array(units),
    removed: new Uint8Array(units),
    remaining: units,
    unread: [],
    folded: [],
  };
}

function countOutgoing(state: LayerState, states: ReadonlyMap<string, LayerState>): void {
  if (state.chain.blockedBy) return;
  for (let unit = 0; unit < state.chain.units; unit++) {
    eachConnection(state, unit, states, () => state.outgoing[unit]++);
  }
}

/** Moves the unit's constant into its readers' biases; false, with nothing changed, when that is not exact. */
function fold(
  state: LayerState,
  unit: number,
  {
    tensors,
    states,
  }: { readonly tensors: ReadonlyMap<string, Tensor>; readonly states: ReadonlyMap<string, LayerState> },
): boolean {
  const { chain } = state;
  const value = state.bias ? state.bias[unit] : 0;
  const constants = chain.readers.map((reader) =>
    Array.from({ length: reader.positions }, (_, position) =>
      constantAt(reader, tensors, { value, unit, units: chain.units, position }),
    ),
  );
  const exact = chain.readers.every((reader, r) =>
    constants[r].every((constant) => foldsExactly(reader, constant)),
  );
  if (!exact) return false;
  eachConnection(state, unit, states, ({ reader, r, position, output, weight }) => {
    const constant = constants[r][position];
    if (constant === 0 || !reader.bias) return;
    reader.bias[output] += constant * weight;
    reader.biasChanged = true;
  });
  return true;
}

/** Takes the unit out, and its connections out of the counts of its readers and sources. */
function remove(state: LayerState, unit: number, states: ReadonlyMap<string, LayerState>): void {
  state.removed[unit] = 1;
  state.remaining--;
  eachConnection(state, unit, states, ({ reader, output }) => reader.incoming[output]--);
  state.outgoing[unit] = 0;
  eachSource(state, states, ({ source, sourceUnit, weightAt }) => {
    if (!source.removed[sourceUnit] && state.weights[weightAt + unit] !== 0) source.outgoing[sourceUnit]--;
  });
}

interface Connection {
  readonly reader: LayerState;
  /** Index of the reader in the chain. */
  readonly r: number;
  readonly position: number;
  /** The reader's unit. */
  readonly output: number;
  readonly weight: number;
}

/** Every live connection from this unit into a unit of a reader that is not removed. */
function eachConnection(
  { chain }: LayerState,
  unit: number,
  states: ReadonlyMap<string, LayerState>,
  visit: (connection: Connection) => void,
): void {
  chain.readers.forEach(({ layer, positions }, r) => {
    const reader = states.get(layer.name) as LayerState;
    const outputs = reader.chain.units;
    for (let w = 0; w < reader.window; w++) {
      for (let position = 0; position < positions; position++) {
        const row = (w * reader.inputs + position * chain.units + unit) * outputs;
        for (let output = 0; output < outputs; output++) {
          const weight = reader.weights[row + output];
          if (weight !== 0 && !reader.removed[output]) visit({ reader, r, position, output, weight });
        }
      }
    }
  });
}

/** Every input of the layer that comes from a unit which may itself be removed; `weightAt` is where its row starts. */
function eachSource(
  state: LayerState,
  states: ReadonlyMap<string, LayerState>,
  visit: (input: {
    readonly source: LayerState;
    readonly sourceUnit: number;
    readonly weightAt: number;
  }) => void,
): void {
  for (const source of states.values()) {
    if (source.chain.blockedBy) continue;
    for (const reader of source.chain.readers) {
      if (reader.layer.name !== state.chain.layer.name) continue;
      for (let w = 0; w < state.window; w++) {
        for (let input = 0; input < state.inputs; input++) {
          const weightAt = (w * state.inputs + input) * state.chain.units;
          visit({ source, sourceUnit: input % source.chain.units, weightAt });
        }
      }
    }
  }
}

function resultOf(states: ReadonlyMap<string, LayerState>): DeadUnitSearch {
  const layers = new Map<string, DeadUnits>();
  const connections = new Map<string, Uint32Array>();
  const biases = new Map<string, Float32Array>();
  for (const [name, state] of states) {
    const constant: number[] = [];
    state.incoming.forEach((count, unit) => {
      if (count === 0 && !state.removed[unit]) constant.push(unit);
    });
    const ascending = (units: readonly number[]): number[] => [...units].sort((a, b) => a - b);
    layers.set(name, { unread: ascending(state.unread), folded: ascending(state.folded), constant });
    connections.set(
      name,
      state.incoming.map((count, unit) => count + state.outgoing[unit]),
    );
    if (state.bias && state.biasChanged) biases.set(`${name}/bias`, Float32Array.from(state.bias));
  }
  return { layers, connections, biases };
}
