/** Twelve plugins that do harm: how soon the host is rid of each, what they cost, and how soon a round is done in spite of them. */
import { DEFAULT_PLUGIN_LIMITS, openPluginHost } from '@espalier/plugin-host';
import { HOSTILE_LIMITS, HOSTILE_PLUGINS, tryHostile } from '@espalier/plugin-host/testing';
import { FALLBACK, HOSTILE_ROUND_MS, openRounds } from './hostile-round';
import type { HostileRound, HostileRow } from './results';

export async function measureHostile(onDone: (row: HostileRow) => void): Promise<HostileRow[]> {
  const rows: HostileRow[] = [];
  for (const { name, code: expected, limits } of HOSTILE_PLUGINS) {
    const all = { ...DEFAULT_PLUGIN_LIMITS, ...HOSTILE_LIMITS, ...limits };
    await using host = await openPluginHost({ allow: ['*'], limits: all });
    const { code = 'none', ...outcome } = await tryHostile(host, name);
    const row = { plugin: name, expected, code, deadlineMs: all.callTimeoutMs, capBytes: all.memoryBytes };
    rows.push({ ...row, ...outcome, round: await measureRound(name) });
    onDone(rows[rows.length - 1]);
  }
  return rows;
}

/** In a host of its own: what the calls before have cost it does not count. */
async function measureRound(name: string): Promise<HostileRound> {
  const limits = { ...HOSTILE_LIMITS, callTimeoutMs: HOSTILE_ROUND_MS };
  await using host = await openPluginHost({ allow: ['*'], limits });
  await using rounds = await openRounds(host);
  const own = await rounds.byOurs(FALLBACK.name);
  const { ms, digest, scoredBy } = await rounds.byPlugin(name, 'bad');
  return {
    ms,
    deadlineMs: HOSTILE_ROUND_MS,
    byFallback: scoredBy.fallback === true && digest === own.digest,
    failure: scoredBy.failure ?? 'none',
  };
}
