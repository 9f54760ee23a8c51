import { silentLogger } from '@espalier/base';
import type { Message } from '@espalier/protocol';
import type { Bus } from '@espalier/transport';
import { hubReports } from './hub-reports';
import { NO_BYTES, type LeaseOutcome, type OfferedLease } from './lease-worker';

const LEASE: OfferedLease = {
  leaseId: 'lease-1',
  run: 'run-1',
  key: 'a'.repeat(64),
  stage: { kind: 'share', config: {}, seed: 1, algorithm: 1, inputs: {} },
  ttlMs: 60_000,
  sources: {},
};
const DONE: LeaseOutcome = {
  ok: true,
  result: { outputs: {}, metrics: {} },
  cached: false,
  seconds: 1,
  wire: NO_BYTES,
};

/** A bus whose requests do what `answer` says; and what was sent over it. */
function reportsOver(answer: (message: Message) => void) {
  const sent: Message[] = [];
  const bus = {
    state: 'connected',
    state$: {
      subscribe: (next: (state: string) => void) => {
        next('connected');
        return { unsubscribe: () => undefined };
      },
    },
    whenConnected: async () => undefined,
    request: async (message: Message) => {
      sent.push(message);
      answer(message);
    },
  } as unknown as Bus;
  const announcement = () => ({ service: 'encoder-1', can: ['share'], slots: 1, leases: [] });
  const reports = hubReports({ bus, serviceId: 'encoder-1', logger: silentLogger, announcement });
  return { reports, outcomes: () => sent.filter(({ kind }) => kind.startsWith('lease.')) };
}

describe('an outcome', () => {
  it('that cannot be sent at all ends the lease as a failure with that code', async () => {
    const { reports, outcomes } = reportsOver(({ kind }) => {
      if (kind !== 'lease.done') return;
      throw Object.assign(new Error('a message has 100000 bytes'), { code: 'PROTOCOL_TOO_LARGE' });
    });
    await reports.outcome(LEASE, DONE);
    expect(outcomes().map(({ kind }) => kind)).toEqual(['lease.done', 'lease.failed']);
    expect(outcomes()[1].body).toMatchObject({
      leaseId: 'lease-1',
      code: 'PROTOCOL_TOO_LARGE',
      retryable: false,
    });
  });

  it('is given up when not even the failure can be sent', async () => {
    const { reports, outcomes } = reportsOver(({ kind }) => {
      if (kind !== 'announce') throw Object.assign(new Error('no'), { code: 'TRANSPORT_CLOSED' });
    });
    await reports.outcome(LEASE, DONE);
    expect(outcomes()).toHaveLength(2);
  });

  it('is sent again while the failure may pass', async () => {
    let tries = 0;
    const { reports, outcomes } = reportsOver(({ kind }) => {
      if (kind === 'lease.done' && ++tries === 1)
        throw Object.assign(new Error('down'), { code: 'TRANSPORT_DISCONNECTED', retryable: true });
    });
    await reports.outcome(LEASE, DONE);
    expect(outcomes().map(({ kind }) => kind)).toEqual(['lease.done', 'lease.done']);
  });
});
