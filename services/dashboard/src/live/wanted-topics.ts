/** What the page asks the coordinator for: the union of what its parts want, one topic a key. Pure. */
import { topicKey, type Topic } from '@espalier/protocol/view';

type SeriesTopic = Topic & { readonly kind: 'series' };

/** In the order of the keys, so that the same wishes make the same list. */
export function unionOfTopics(wanted: Iterable<Topic>): Topic[] {
  const byKey = new Map<string, Topic>();
  for (const topic of wanted) {
    const key = topicKey(topic);
    const held = byKey.get(key);
    byKey.set(key, held?.kind === 'series' && topic.kind === 'series' ? unionOfSeries(held, topic) : topic);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, topic]) => topic);
}

/** All names, the finer resolution, and a window that has both. */
function unionOfSeries(a: SeriesTopic, b: SeriesTopic): SeriesTopic {
  const from = a.from === undefined || b.from === undefined ? undefined : Math.min(a.from, b.from);
  const to = a.to === undefined || b.to === undefined ? undefined : Math.max(a.to, b.to);
  return {
    kind: 'series',
    run: a.run,
    names: [...new Set([...a.names, ...b.names])].sort(),
    buckets: Math.max(a.buckets, b.buckets),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
