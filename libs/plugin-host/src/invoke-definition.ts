/** A method of a plugin's definition, called: in the host's process for first-party plugins, in the runner's for others. */
import type { Observation, ObservedEvent, Plugin } from '@espalier/plugin-api';
import { Observable } from 'rxjs';
import { pluginHostError } from './errors';
import { KIND_OF_METHOD, type AnswerOf, type Invocation, type Method, type ObserveOptions } from './methods';

type Answers = { [M in Method]: AnswerOf<M> };

/** @throws PLUGIN_NO_CONTRIBUTION, and whatever the plugin throws */
export async function invokeDefinition<M extends Method>(
  plugin: Plugin,
  invocation: Invocation<M>,
): Promise<AnswerOf<M>> {
  return (await dispatch(plugin, invocation as Invocation)) as Answers[M];
}

function dispatch(plugin: Plugin, { method, name, input, options }: Invocation): unknown {
  const full = { ...(input as object), options } as never;
  switch (method) {
    case 'score':
      return contribution(plugin, plugin.criteria, { method, name }).score(full);
    case 'groups': {
      const granularity = contribution(plugin, plugin.granularities, { method, name });
      const { shape } = input as Invocation<'groups'>['input'];
      return {
        count: granularity.groupCount(shape, options),
        of: granularity.groupsOf(shape, options),
        ...(granularity.pattern && { pattern: granularity.pattern(shape, options) }),
      };
    }
    case 'completion': {
      const schedule = contribution(plugin, plugin.schedules, { method, name });
      const { progresses } = input as Invocation<'completion'>['input'];
      return progresses.map((progress) => schedule.completion(progress, options));
    }
    case 'encode':
      return contribution(plugin, plugin.codecs, { method, name }).encode(full);
    case 'decode':
      return contribution(plugin, plugin.codecs, { method, name }).decode(full);
    case 'quantize':
      return contribution(plugin, plugin.quantizers, { method, name }).quantize(full);
    case 'regrow':
      return contribution(plugin, plugin.regrowths, { method, name }).regrow(full);
  }
}

/** An observer's stream; what it throws while it starts is an error of the stream. */
export function observeDefinition(
  plugin: Plugin,
  name: string,
  { events$, ...context }: ObserveOptions & { readonly events$: Observable<ObservedEvent> },
): Observable<Observation> {
  return new Observable((subscriber) => {
    const observer = contribution(plugin, plugin.observers, { method: 'observe', name });
    return observer.observe(events$, context).subscribe(subscriber);
  });
}

function contribution<T>(
  plugin: Plugin,
  group: Readonly<Record<string, T>> | undefined,
  { method, name }: { readonly method: Method | 'observe'; readonly name: string },
): T {
  if (group && Object.hasOwn(group, name)) return group[name];
  const kind = method === 'observe' ? 'observer' : KIND_OF_METHOD[method];
  throw pluginHostError('PLUGIN_NO_CONTRIBUTION', {
    plugin: plugin.name,
    kind,
    name,
    suggestion: 'see its manifest.',
  });
}
