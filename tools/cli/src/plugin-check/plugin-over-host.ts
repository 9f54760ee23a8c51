/** A plugin that runs in a process of its own, as a definition again: so that the kit tries it whatever it is written in. */
import {
  CONTRIBUTION_KINDS,
  type ContributionManifest,
  type OptionValues,
  type Plugin,
  type RegrowInput,
  type QuantizeInput,
  type ScoreInput,
  type DecodeInput,
  type EncodeInput,
  type ObserveContext,
} from '@espalier/plugin-api';
import type { LoadedPlugin } from '@espalier/plugin-host';
import type { Shape } from '@espalier/tensor';

export function pluginOverHost(loaded: LoadedPlugin): Plugin {
  const { name, version, host, contributions } = loaded.manifest;
  const groups = Object.entries(CONTRIBUTION_KINDS).flatMap(([group, kind]) => {
    const ofKind = contributions.filter((contribution) => contribution.kind === kind);
    return ofKind.length === 0
      ? []
      : [[group, Object.fromEntries(ofKind.map((each) => [each.name, definition(loaded, each)]))] as const];
  });
  return { name, version, host, ...Object.fromEntries(groups) };
}

/** What the kit calls; every answer is a promise here. */
function definition(loaded: LoadedPlugin, contribution: ContributionManifest): object {
  const { kind, name, needs, options, events, pattern } = contribution;
  const said = { ...(needs && { needs }), ...(options && { options }), ...(events && { events }) };
  switch (kind) {
    case 'criterion':
      return { ...said, score: (input: ScoreInput<OptionValues>) => loaded.criterion(name).score(input) };
    case 'granularity': {
      const having = (values: OptionValues): ReturnType<LoadedPlugin['granularity']> =>
        loaded.granularity(name, values);
      return {
        ...said,
        groupCount: (shape: Shape, values: OptionValues) => having(values).groupCount(shape),
        groupsOf: (shape: Shape, values: OptionValues) => having(values).groupsOf(shape),
        ...(pattern && { pattern: (shape: Shape, values: OptionValues) => having(values).pattern?.(shape) }),
      };
    }
    case 'schedule':
      return {
        ...said,
        completion: (progress: number, values: OptionValues) =>
          loaded.schedule(name, values).completion(progress),
      };
    case 'codec':
      return {
        ...said,
        encode: (input: EncodeInput<OptionValues>) => loaded.codec(name, input.options).encode(input),
        decode: (input: DecodeInput<OptionValues>) => loaded.codec(name, input.options).decode(input),
      };
    case 'quantizer':
      return {
        ...said,
        quantize: (input: QuantizeInput<OptionValues>) =>
          loaded.quantizer(name, input.options).quantize(input),
      };
    case 'regrowth':
      return {
        ...said,
        regrow: (input: RegrowInput<OptionValues>) => loaded.regrowth(name, input.options).regrow(input),
      };
    case 'observer':
      return {
        ...said,
        observe: (events$: never, context: ObserveContext<OptionValues>) =>
          loaded.observer(name, context.options).observe(events$, context),
      };
  }
}
