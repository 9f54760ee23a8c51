/** What a call to another process costs. */
import { Random } from '@espalier/base';
import type { HostedCriterion, PluginHost } from '@espalier/plugin-host';
import { benchPlugin } from './bench-plugin';
import type { CallsRow, OverheadRow } from './results';

export const scoreOf = (criterion: HostedCriterion, weights: Float32Array): Promise<Float32Array> =>
  criterion.score({ name: 'fc1/kernel', shape: [weights.length], weights, random: new Random(1) });

/** Calls in turns, in this process and in one of its own. */
export async function measureOverhead(
  host: PluginHost,
  {
    folder,
    weights: count,
    rounds,
  }: { readonly folder: string; readonly weights: number; readonly rounds: number },
): Promise<OverheadRow> {
  const own = await host.load({ from: folder });
  const inside = host.inProcess(benchPlugin(1));
  const weights = Float32Array.from({ length: count }, (_, i) => (i % 2000) / 1000 - 1);
  const timed = async (criterion: HostedCriterion): Promise<number> => {
    const from = performance.now();
    await scoreOf(criterion, weights);
    return performance.now() - from;
  };
  const [inProcessMs, ownProcessMs]: number[][] = [[], []];
  // The first of each compiles and grows its heap.
  for (let round = -1; round < rounds; round++) {
    const [a, b] = [await timed(inside.criterion('mine')), await timed(own.criterion('mine'))];
    if (round < 0) continue;
    inProcessMs.push(a);
    ownProcessMs.push(b);
  }
  await own[Symbol.asyncDispose]();
  return { weights: count, inProcessMs, ownProcessMs };
}

/** Small calls, as many under way as `pipelined`. */
export async function measureCalls(
  host: PluginHost,
  {
    folder,
    weights: count,
    pipelined,
    calls,
  }: {
    readonly folder: string;
    readonly weights: number;
    readonly pipelined: number;
    readonly calls: number;
  },
): Promise<CallsRow> {
  const plugin = await host.load({ from: folder });
  const criterion = plugin.criterion('mine');
  const weights = new Float32Array(count).fill(-1);
  const ask = async (total: number): Promise<void> => {
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < total) {
        begun++;
        await scoreOf(criterion, weights);
      }
    };
    await Promise.all(Array.from({ length: pipelined }, lane));
  };
  await ask(Math.ceil(calls / 5));
  const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
  await ask(calls);
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpuFrom);
  await plugin[Symbol.asyncDispose]();
  return { weights: count, pipelined, calls, seconds, hostCpuUs: (user + system) / calls };
}
