import type { TransferTime } from './results';
import { transferRows, type Round } from './transfer-rows';
import type { Way } from './ways';

const MiB = 2 ** 20;

function round(seconds: Partial<Record<Way, number>>, ownerMiB = 1): Round {
  return new Map(
    Object.entries(seconds).map(([way, value]): [Way, TransferTime] => [
      way as Way,
      {
        seconds: value,
        ownerBytes: ownerMiB * MiB,
        receiverBytes: 2 * MiB,
        ownerCpuSeconds: value,
        receiverCpuSeconds: 2 * value,
      },
    ]),
  );
}

describe('rows of transfers', () => {
  it('compare each way with raw TCP of the same round, by the median', () => {
    // A machine that is four times as slow in the second round changes no ratio.
    const rounds = [1, 4, 1.5].map((slow) =>
      round({ 'tcp-bare': slow, tcp: 2 * slow, espalier: 4 * slow }, slow),
    );
    const [bare, tcp, espalier] = transferRows(rounds, { mib: 600, versions: {} });
    expect([bare.byBareTcp, tcp.byBareTcp, espalier.byBareTcp, espalier.byTcp]).toEqual([1, 0.5, 0.25, 0.5]);
    expect(espalier.mibPerSecond).toBe(100);
    expect(espalier.cpuSeconds).toBe(18);
  });

  it('give the most memory of all rounds', () => {
    const rounds = [1, 9, 3].map((mib) => round({ tcp: 1 }, mib));
    const [row] = transferRows(rounds, { mib: 1, versions: { tcp: 'x 1' } });
    expect([row.ownerMiB, row.receiverMiB, row.version]).toEqual([9, 2, 'x 1']);
  });

  it('leave out a way that was not measured in every round', () => {
    const rows = transferRows([round({ tcp: 1, nats: 1 }), round({ tcp: 1 })], { mib: 1, versions: {} });
    expect(rows.map(({ way }) => way)).toEqual(['tcp']);
  });
});
