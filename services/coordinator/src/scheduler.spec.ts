import {
  DEFAULT_SCHEDULER_LIMITS,
  Scheduler,
  type Peer,
  type SchedulerAction,
  type WantedStage,
} from './scheduler';

const limits = {
  ...DEFAULT_SCHEDULER_LIMITS,
  acceptMs: 100,
  leaseMs: 1000,
  reconnectMs: 300,
  readoptMs: 500,
};

function scheduler(activeRuns = 1): Scheduler {
  let count = 0;
  return new Scheduler(() => `lease-${++count}`, { ...limits, activeRuns });
}

function peer(serviceId: string, connection = 1, more: Partial<Peer> = {}): Peer {
  return { peerId: `${serviceId}#${connection}`, serviceId, service: 'trainer', kinds: ['train'], ...more };
}

function wanted(run: string, more: Partial<WantedStage> = {}): WantedStage {
  return { run, key: `key-${run}`, kind: 'train', order: 0, notBefore: 0, ...more };
}

function offers(actions: readonly SchedulerAction[]): string[] {
  return actions.flatMap((action) =>
    action.do === 'offer' ? [`${action.lease.run} to ${action.peerId}`] : [],
  );
}

describe('the scheduler', () => {
  it('offers a stage to a service that can do its kind, once', () => {
    const jobs = scheduler();
    jobs.announce(peer('pruner-1', 1, { kinds: ['prune'] }), [], 0);
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.want(wanted('a'));
    expect(offers(jobs.plan(0))).toEqual(['a to trainer-1#1']);
    expect(jobs.plan(50)).toEqual([]);
  });

  it('offers nothing more to a service that is ending, until it comes back', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.retire('trainer-1');
    jobs.want(wanted('a'));
    expect(jobs.plan(0)).toEqual([]);
    jobs.announce(peer('trainer-1', 2), [], 10);
    expect(offers(jobs.plan(10))).toEqual(['a to trainer-1#2']);
  });

  it('waits for a service that can do it', () => {
    const jobs = scheduler();
    jobs.want(wanted('a'));
    expect(jobs.plan(0)).toEqual([]);
    jobs.announce(peer('trainer-1'), [], 10);
    expect(offers(jobs.plan(10))).toEqual(['a to trainer-1#1']);
  });

  it('lets later runs wait for the first, or runs so many at a time', () => {
    const one = scheduler(1);
    const two = scheduler(2);
    for (const jobs of [one, two]) {
      jobs.announce(peer('trainer-1'), [], 0);
      jobs.announce(peer('trainer-2'), [], 0);
      jobs.want(wanted('late', { order: 2 }));
      jobs.want(wanted('early', { order: 1 }));
    }
    expect(offers(one.plan(0))).toEqual(['early to trainer-1#1']);
    expect(offers(two.plan(0))).toEqual(['early to trainer-1#1', 'late to trainer-2#1']);
    expect(one.end('lease-1', 'trainer-1#1')).toMatchObject({ run: 'early' });
    expect(offers(one.plan(1))).toEqual(['late to trainer-2#1']);
  });

  it('prefers who may have a checkpoint, then the promised engine, then the least used', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.announce(peer('trainer-2', 1, { fingerprint: 'avx2' }), [], 0);
    jobs.want(wanted('a', { fingerprint: 'avx2' }));
    expect(offers(jobs.plan(0))).toEqual(['a to trainer-2#1']);
    jobs.end('lease-1', 'trainer-2#1');
    jobs.want(wanted('b', { triedBy: 'trainer-1', fingerprint: 'avx2' }));
    expect(offers(jobs.plan(0))).toEqual(['b to trainer-1#1']);
    jobs.end('lease-2', 'trainer-1#1');
    jobs.announce(peer('trainer-3'), [], 0);
    jobs.want(wanted('c'));
    expect(offers(jobs.plan(0))).toEqual(['c to trainer-3#1']);
  });

  it('does not offer before the back-off is over', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.want(wanted('a', { notBefore: 200 }));
    expect(jobs.plan(199)).toEqual([]);
    expect(offers(jobs.plan(200))).toEqual(['a to trainer-1#1']);
  });

  it('loses a lease that is not renewed, and cancels it', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.want(wanted('a'));
    jobs.plan(0);
    expect(jobs.renew('lease-1', 'trainer-1#1', 50)).toBe(true);
    expect(jobs.renew('lease-1', 'trainer-1#1', 900)).toBe(true);
    expect(jobs.plan(1899)).toEqual([]);
    expect(jobs.plan(1900).map((action) => action.do)).toEqual(['cancel', 'lost']);
    expect(jobs.renew('lease-1', 'trainer-1#1', 1901)).toBe(false);
  });

  it('loses an offer that is not answered', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.want(wanted('a'));
    jobs.plan(0);
    expect(jobs.plan(100)).toMatchObject([{ do: 'cancel' }, { do: 'lost', reason: 'no answer' }]);
  });

  it('keeps a lease over a broken connection when the service comes back with it', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.want(wanted('a'));
    jobs.plan(0);
    jobs.renew('lease-1', 'trainer-1#1', 1);
    jobs.gone('trainer-1#1', 100);
    jobs.announce(peer('trainer-1', 2), ['lease-1'], 200);
    expect(jobs.plan(500)).toEqual([]);
    expect(jobs.end('lease-1', 'trainer-1#1')).toBeUndefined();
    expect(jobs.end('lease-1', 'trainer-1#2')).toMatchObject({ run: 'a', key: 'key-a' });
  });

  it('loses it at once when the service comes back without it, after a while when it does not come back', () => {
    for (const comesBack of [true, false]) {
      const jobs = scheduler();
      jobs.announce(peer('trainer-1'), [], 0);
      jobs.want(wanted('a'));
      jobs.plan(0);
      jobs.gone('trainer-1#1', 100);
      if (comesBack) jobs.announce(peer('trainer-1', 2), [], 150);
      expect(jobs.plan(150)).toMatchObject(comesBack ? [{ do: 'lost', reason: 'restarted' }] : []);
      expect(jobs.plan(400)).toMatchObject(comesBack ? [] : [{ do: 'lost', reason: 'vanished' }]);
    }
  });

  it('takes a lease of the log up again from the service that still works on it', () => {
    const jobs = scheduler();
    jobs.want(wanted('a'));
    jobs.restore({ leaseId: 'old', run: 'a', key: 'key-a', serviceId: 'trainer-1', service: 'trainer' }, 0);
    jobs.announce(peer('trainer-2'), [], 10);
    expect(jobs.plan(10)).toEqual([]);
    jobs.announce(peer('trainer-1'), ['old'], 20);
    expect(jobs.plan(600)).toEqual([]);
    expect(jobs.end('old', 'trainer-1#1')).toMatchObject({ run: 'a' });
  });

  it('gives a lease of the log to another when its service does not come back', () => {
    const jobs = scheduler();
    jobs.restore({ leaseId: 'old', run: 'a', key: 'key-a', serviceId: 'trainer-1', service: 'trainer' }, 0);
    jobs.announce(peer('trainer-2'), [], 10);
    expect(jobs.plan(500)).toMatchObject([{ do: 'lost', reason: 'vanished' }]);
    jobs.want(wanted('a'));
    expect(offers(jobs.plan(501))).toEqual(['a to trainer-2#1']);
  });

  it('cancels what a service still works on for nobody', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), ['stray'], 0);
    expect(jobs.plan(0)).toMatchObject([{ do: 'cancel', leaseId: 'stray', peerId: 'trainer-1#1' }]);
  });

  it('takes a lease back when the run wants nothing any more', () => {
    const jobs = scheduler();
    jobs.announce(peer('trainer-1'), [], 0);
    jobs.want(wanted('a'));
    jobs.plan(0);
    expect(jobs.unwant('a', 'paused')).toMatchObject({ leaseId: 'lease-1' });
    expect(jobs.plan(1)).toMatchObject([{ do: 'cancel', reason: 'paused' }]);
    expect(jobs.end('lease-1', 'trainer-1#1')).toBeUndefined();
  });
});
