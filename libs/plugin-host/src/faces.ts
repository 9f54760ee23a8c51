/** The faces of a plugin's contributions over wherever it runs. */
import {
  readOptions,
  type ContributionKind,
  type CriterionNeed,
  type Granularity,
  type OptionValues,
  type RegrowthNeed,
  type Schedule,
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
import type { ManifestContribution, PluginManifest } from './manifest';
import type { Backend, Groups } from './methods';

type Given = Readonly<Record<string, unknown>>;

interface Found extends Answerer {
  readonly kind: ContributionKind;
  readonly version: string;
  readonly entry: ManifestContribution;
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
    const { options, version } = found;
    return {
      ...hosted(found),
      hasPattern: found.entry.pattern === true,
      for: async (shapes) => {
        const distinct = shapes.filter((shape, i) => shapes.findIndex((it) => sameShape(it, shape)) === i);
        const groups = await Promise.all(
          distinct.map(async (shape) => {
            const answer = await this.backend.invoke(
              { method: 'groups', name, input: { shape }, options },
              (groups) => checkGroups(found, groups, shape),
            );
            return [shape, answer] as const;
          }),
        );
        return granularityOver(found, groups, { name, version, hasPattern: found.entry.pattern === true });
      },
    };
  }

  schedule(name: string, given: Given = {}): HostedSchedule {
    const found = this.find('schedule', name, given);
    const { options, version } = found;
    return {
      ...hosted(found),
      at: async (progresses) => {
        const sorted = [...new Set(progresses)].sort((a, b) => a - b);
        const completions = await this.backend.invoke(
          { method: 'completion', name, input: { progresses: sorted }, options },
          (answer) => checkCompletions(found, answer, sorted.length),
        );
        return scheduleOver(sorted, completions, { name, version });
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

function granularityOver(
  of: Answerer,
  known: readonly (readonly [Shape, Groups])[],
  {
    name,
    version,
    hasPattern,
  }: { readonly name: string; readonly version: string; readonly hasPattern: boolean },
): Granularity {
  const groupsFor = (shape: Shape): Groups => {
    const found = known.find(([candidate]) => sameShape(candidate, shape));
    if (found) return found[1];
    const actual = `nothing for the shape ${JSON.stringify(shape)}`;
    throw pluginHostError('PLUGIN_ANSWER_SHAPE', { ...of, actual, expected: 'a shape that was asked for' });
  };
  return {
    name,
    version,
    groupCount: (shape) => groupsFor(shape).count,
    groupsOf: (shape) => groupsFor(shape).of,
    ...(hasPattern && {
      pattern: (shape: Shape) => {
        const { pattern } = groupsFor(shape);
        if (pattern) return pattern;
        throw pluginHostError('PLUGIN_ANSWER_SHAPE', { ...of, actual: 'no pattern', expected: 'a pattern' });
      },
    }),
  };
}

function scheduleOver(
  progresses: readonly number[],
  completions: readonly number[],
  { name, version }: { readonly name: string; readonly version: string },
): Schedule {
  return {
    name,
    version,
    completion: (progress) => {
      const above = progresses.findIndex((candidate) => candidate >= progress);
      if (above < 0) return completions[completions.length - 1];
      if (above === 0 || progresses[above] === progress) return completions[above];
      const [from, to] = [progresses[above - 1], progresses[above]];
      const share = (progress - from) / (to - from);
      return completions[above - 1] + share * (completions[above] - completions[above - 1]);
    },
  };
}
