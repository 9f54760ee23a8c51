/** The faces of a plugin's contributions over wherever it runs. */
import {
  readOptions,
  type ContributionKind,
  type CriterionNeed,
  type OptionValues,
  type Pattern,
  type RegrowthNeed,
  type ContributionManifest,
  type PluginManifest,
} from '@espalier/plugin-api';
import { suggestion } from '@espalier/base';
import { sameShape, sizeOf, type Shape } from '@espalier/tensor';
import {
  checkBytes,
  checkCompletions,
  checkFloats,
  checkGroups,
  checkQuantized,
  checkRegrown,
  type Answerer,
} from './check-answers';
import type {
  HostedCodec,
  HostedCriterion,
  HostedGranularity,
  HostedObserver,
  HostedQuantizer,
  HostedRegrowth,
  HostedSchedule,
} from './contributions';
import { pluginHostError } from './errors';
import type { Backend, Groups } from './methods';

type Given = Readonly<Record<string, unknown>>;

interface Found extends Answerer {
  readonly kind: ContributionKind;
  readonly version: string;
  readonly entry: ContributionManifest;
  readonly options: OptionValues;
}

export class Faces {
  constructor(
    private readonly manifest: PluginManifest,
    private readonly backend: Backend,
  ) {}

  criterion(name: string, given: Given = {}): HostedCriterion {
    const found = this.find('criterion', name, given);
    return {
      ...hosted(found),
      defaults: found.options,
      needs: (found.entry.needs ?? []) as readonly CriterionNeed[],
      score: ({ options = found.options, ...given }) => {
        const size = sizeOf(given.shape);
        const input = delivered(given, found.entry.needs ?? []);
        return this.backend.invoke(
          { method: 'score', name, input, options: options as OptionValues },
          (scores) => checkFloats(found, scores, size),
        );
      },
    };
  }

  granularity(name: string, given: Given = {}): HostedGranularity {
    const found = this.find('granularity', name, given);
    const { options } = found;
    let last: { readonly shape: Shape; readonly groups: Promise<Groups> } | undefined;
    const groupsFor = (shape: Shape): Promise<Groups> => {
      if (last && sameShape(last.shape, shape)) return last.groups;
      const groups = this.backend.invoke({ method: 'groups', name, input: { shape }, options }, (answer) =>
        checkGroups(found, answer, shape),
      );
      const asked = { shape, groups };
      last = asked;
      groups.catch(() => {
        // What failed is asked for again.
        if (last === asked) last = undefined;
      });
      return groups;
    };
    return {
      ...hosted(found),
      groupCount: async (shape) => (await groupsFor(shape)).count,
      groupsOf: async (shape) => (await groupsFor(shape)).of,
      ...(found.entry.pattern && {
        pattern: async (shape: Shape) => requirePattern(found, await groupsFor(shape)),
      }),
    };
  }

  schedule(name: string, given: Given = {}): HostedSchedule {
    const found = this.find('schedule', name, given);
    const { options } = found;
    return {
      ...hosted(found),
      completion: async (progress) => {
        const [completion] = await this.backend.invoke(
          { method: 'completion', name, input: { progresses: [progress] }, options },
          (answer) => checkCompletions(found, answer, 1),
        );
        return completion;
      },
    };
  }

  codec(name: string, given: Given = {}): HostedCodec {
    const found = this.find('codec', name, given);
    const { options } = found;
    return {
      ...hosted(found),
      encode: (input) =>
        this.backend.invoke({ method: 'encode', name, input, options }, (bytes) => checkBytes(found, bytes)),
      decode: (input) =>
        this.backend.invoke({ method: 'decode', name, input, options }, (values) =>
          checkFloats(found, values, sizeOf(input.shape)),
        ),
    };
  }

  quantizer(name: string, given: Given = {}): HostedQuantizer {
    const found = this.find('quantizer', name, given);
    const { options } = found;
    return {
      ...hosted(found),
      quantize: (input) =>
        this.backend.invoke({ method: 'quantize', name, input, options }, (quantized) =>
          checkQuantized(found, quantized, input.shape),
        ),
    };
  }

  regrowth(name: string, given: Given = {}): HostedRegrowth {
    const found = this.find('regrowth', name, given);
    const { options } = found;
    return {
      ...hosted(found),
      needs: (found.entry.needs ?? []) as readonly RegrowthNeed[],
      regrow: (given) => {
        const input = {
          ...delivered(given, found.entry.needs ?? []),
          mask: given.mask,
          previousMask: given.previousMask,
        };
        return this.backend.invoke({ method: 'regrow', name, input, options }, (mask) =>
          checkRegrown(found, mask, input.mask),
        );
      },
    };
  }

  observer(name: string, given: Given = {}): HostedObserver {
    const found = this.find('observer', name, given);
    const { options } = found;
    const { events } = found.entry;
    return {
      ...hosted(found),
      ...(events && { events }),
      observe: (events$, context) => this.backend.observe(name, events$, { ...context, options }),
    };
  }

  private find(kind: ContributionKind, name: string, given: Given): Found {
    const ofKind = this.manifest.contributions.filter((entry) => entry.kind === kind);
    const entry = ofKind.find((candidate) => candidate.name === name);
    const plugin = this.manifest.name;
    if (!entry) {
      const near = suggestion(
        name,
        ofKind.map((candidate) => candidate.name),
      );
      throw pluginHostError('PLUGIN_NO_CONTRIBUTION', { plugin, kind, name, suggestion: near });
    }
    const options = readOptions(entry.options ?? {}, given, `${kind} "${plugin}/${name}"`);
    return { plugin, kind, name, version: this.manifest.version, entry, options };
  }
}

/** What says which tensor it is, and what the plugin declares that it needs; nothing else is sent. */
function delivered<T extends { readonly weights: Float32Array }>(given: T, needs: readonly string[]): T {
  const always = ['name', 'shape', 'weights', 'random'];
  return Object.fromEntries(
    Object.entries(given).filter(([field]) => always.includes(field) || needs.includes(field)),
  ) as T;
}

function hosted({ name, version, options }: Found): { name: string; version: string; options: OptionValues } {
  return { name, version, options };
}

function requirePattern(of: Found, { pattern }: Groups): Pattern {
  if (pattern) return pattern;
  const { plugin, kind, name } = of;
  throw pluginHostError('PLUGIN_ANSWER_SHAPE', { plugin, kind, name, actual: 'no pattern', expected: 'one' });
}
