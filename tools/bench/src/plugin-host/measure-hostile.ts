/** Twelve plugins that do harm: how soon the host is rid of each, and what they cost. */
import { DEFAULT_PLUGIN_LIMITS, openPluginHost } from '@espalier/plugin-host';
import { HOSTILE_LIMITS, HOSTILE_PLUGINS, tryHostile } from '@espalier/plugin-host/testing';
import type { HostileRow } from './results';

export async function measureHostile(onDone: (row: HostileRow) => void): Promise<HostileRow[]> {
  const rows: HostileRow[] = [];
  for (const { name, code: expected, limits } of HOSTILE_PLUGINS) {
    const all = { ...DEFAULT_PLUGIN_LIMITS, ...HOSTILE_LIMITS, ...limits };
    await using host = await openPluginHost({ allow: ['*'], limits: all });
    const { code = 'none', ...outcome } = await tryHostile(host, name);
    const row = { plugin: name, expected, code, deadlineMs: all.callTimeoutMs, capBytes: all.memoryBytes };
    rows.push({ ...row, ...outcome });
    onDone(rows[rows.length - 1]);
  }
  return rows;
}
