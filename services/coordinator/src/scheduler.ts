/**
 * Who does what: stages that runs want, services that can do them, and the leases between the two. Pure in-memory
 * bookkeeping: the caller passes the time in, sends what `plan` returns, and tells what came back.
 *
 * A lease is held by a *service*, known by an id that it keeps in its folder, over whatever connection it has at the
 * moment (its *peer*). A connection that breaks does not end the lease at once: the service may come back with it. A
 * service that comes back without it (it was killed) gives it up at once.
 */
import type { Digest } from '@espalier/tensor';

export interface SchedulerLimits {
  /** An offer that is not answered in this time goes to another service. */
  readonly acceptMs: number;
  /** A lease that is not renewed in this time is lost. Long enough for a step of the engine that blocks the process. */
  readonly leaseMs: number;
  /** How long a service whose connection broke may come back with its lease. */
  readonly reconnectMs: number;
  /** The same after the coordinator itself was started again: the services need time to notice. */
  readonly readoptMs: number;
  /** Runs whose stages are handed out at the same time, oldest first; the others wait. */
  readonly activeRuns: number;
}

export const DEFAULT_SCHEDULER_LIMITS: SchedulerLimits = {
  acceptMs: 10_000,
  leaseMs: 60_000,
  reconnectMs: 5_000,
  readoptMs: 10_000,
  activeRuns: 1,
};

export interface Peer {
  /** The connection. */
  readonly peerId: string;
  /** The service behind it, the same after a restart. */
  readonly serviceId: string;
  /** `trainer`, `pruner`, ... */
  readonly service: string;
  readonly kinds: readonly string[];
  readonly fingerprint?: string;
}

export interface WantedStage {
  readonly run: string;
  readonly key: Digest;
  readonly kind: string;
  readonly fingerprint?: string;
  /** Runs are served in this order. */
  readonly order: number;
  /** Not offered before, in milliseconds since the epoch. */
  readonly notBefore: number;
  /** Who had it last and may hold a checkpoint. */
  readonly triedBy?: string;
}

export interface Lease {
  readonly leaseId: string;
  readonly run: string;
  readonly key: Digest;
  readonly serviceId: string;
  readonly service: string;
}

export type LostReason = 'vanished' | 'expired' | 'no answer' | 'restarted';

export type SchedulerAction =
  | { readonly do: 'offer'; readonly peerId: string; readonly lease: Lease }
  | { readonly do: 'cancel'; readonly peerId: string; readonly leaseId: string; readonly reason: string }
  | { readonly do: 'lost'; readonly lease: Lease; readonly reason: LostReason };

interface LeaseEntry extends Lease {
  readonly state: 'offered' | 'held' | 'orphaned';
  readonly peerId?: string;
  readonly deadline: number;
}

export class Scheduler {
  private readonly peers = new Map<string, Peer>();
  private readonly wants = new Map<string, WantedStage>();
  /** By run: one stage at a time for each. */
  private readonly leases = new Map<string, LeaseEntry>();
  /** Leases given to a service so far, to spread the work. */
  private readonly given = new Map<string, number>();
  private actions: SchedulerAction[] = [];
  private readonly limits: SchedulerLimits;
  private readonly newLeaseId: () => string;

  constructor(newLeaseId: () => string, limits: SchedulerLimits = DEFAULT_SCHEDULER_LIMITS) {
    this.limits = limits;
    this.newLeaseId = newLeaseId;
  }

  /** A service has connected, with the leases that it says it is still working on. */
  announce(peer: Peer, running: readonly string[], nowMs: number): void {
    for (const other of this.peers.values()) {
      if (other.serviceId === peer.serviceId) this.peers.delete(other.peerId);
    }
    this.peers.set(peer.peerId, peer);
    const known = new Set<string>();
    for (const lease of [...this.leases.values()]) {
      if (lease.serviceId !== peer.serviceId) continue;
      if (running.includes(lease.leaseId)) {
        known.add(lease.leaseId);
        const deadline = nowMs + this.limits.leaseMs;
        this.leases.set(lease.run, { ...lease, state: 'held', peerId: peer.peerId, deadline });
      } else {
        this.lose(lease, 'restarted');
      }
    }
    for (const leaseId of running) {
      if (!known.has(leaseId)) this.cancel(peer.peerId, leaseId, 'this lease has been given to another');
    }
  }

  /** A service that is ending is offered nothing more, until it announces itself again. */
  retire(serviceId: string): void {
    for (const peer of [...this.peers.values()]) {
      if (peer.serviceId === serviceId) this.peers.set(peer.peerId, { ...peer, kinds: [] });
    }
  }

  /** A connection has ended; the service may come back. */
  gone(peerId: string, nowMs: number): void {
    this.peers.delete(peerId);
    for (const lease of this.leases.values()) {
      if (lease.peerId !== peerId) continue;
      const deadline = nowMs + this.limits.reconnectMs;
      this.leases.set(lease.run, { ...lease, state: 'orphaned', peerId: undefined, deadline });
    }
  }

  /** The run's next stage; replaces what it wanted before. */
  want(stage: WantedStage): void {
    this.wants.set(stage.run, stage);
  }

  /** The run wants nothing now; a lease of it is taken back. Returns that lease. */
  unwant(run: string, reason: string): Lease | undefined {
    this.wants.delete(run);
    const lease = this.leases.get(run);
    this.leases.delete(run);
    if (lease?.peerId !== undefined) this.cancel(lease.peerId, lease.leaseId, reason);
    return lease && bare(lease);
  }

  /** A lease from the log of a coordinator that was stopped: waits for its service to come back with it. */
  restore(lease: Lease, nowMs: number): void {
    const deadline = nowMs + this.limits.readoptMs;
    this.leases.set(lease.run, { ...lease, state: 'orphaned', deadline });
  }

  /** The service has accepted, or is still at it. False for a lease that is not its own any more: cancel it. */
  renew(leaseId: string, peerId: string, nowMs: number): boolean {
    const lease = this.find(leaseId, peerId);
    if (!lease) return false;
    this.leases.set(lease.run, { ...lease, state: 'held', deadline: nowMs + this.limits.leaseMs });
    return true;
  }

  /** The lease under this id, when it is this connection's. */
  held(leaseId: string, peerId: string): Lease | undefined {
    const lease = this.find(leaseId, peerId);
    return lease && bare(lease);
  }

  /** The lease has ended, well or not. Undefined for one that is not the peer's: its outcome does not count. */
  end(leaseId: string, peerId: string): Lease | undefined {
    const lease = this.find(leaseId, peerId);
    if (!lease) return undefined;
    this.leases.delete(lease.run);
    this.wants.delete(lease.run);
    return bare(lease);
  }

  /** Does this connection hold the lease of that run? */
  holds(run: string, peerId: string): boolean {
    return this.leases.get(run)?.peerId === peerId;
  }

  services(): readonly (Peer & { readonly lease?: Lease })[] {
    return [...this.peers.values()].map((peer) => {
      const lease = [...this.leases.values()].find(({ peerId }) => peerId === peer.peerId);
      return lease ? { ...peer, lease: bare(lease) } : peer;
    });
  }

  /** What is to be sent now. After `lost`, tell again what the run wants (later, or never). */
  plan(nowMs: number): readonly SchedulerAction[] {
    for (const lease of [...this.leases.values()]) {
      if (lease.deadline > nowMs) continue;
      if (lease.peerId !== undefined) this.cancel(lease.peerId, lease.leaseId, 'the lease has run out');
      this.lose(lease, EXPIRED_REASONS[lease.state]);
    }
    this.assign(nowMs);
    const actions = this.actions;
    this.actions = [];
    return actions;
  }

  private assign(nowMs: number): void {
    const active = [...this.wants.values()]
      .sort((a, b) => a.order - b.order)
      .slice(0, this.limits.activeRuns);
    const busy = new Set([...this.leases.values()].map(({ serviceId }) => serviceId));
    for (const wanted of active) {
      if (this.leases.has(wanted.run) || wanted.notBefore > nowMs) continue;
      const able = [...this.peers.values()].filter(
        ({ serviceId, kinds }) => !busy.has(serviceId) && kinds.includes(wanted.kind),
      );
      const peer = able.sort((a, b) => this.rank(wanted, a) - this.rank(wanted, b))[0];
      if (!peer) continue;
      busy.add(peer.serviceId);
      this.offer(wanted, peer, nowMs);
    }
  }

  /** Lower is better: first who may hold its checkpoint, then the engine it was promised for, then the least used. */
  private rank(wanted: WantedStage, peer: Peer): number {
    const tried = wanted.triedBy === peer.serviceId ? 0 : 2e6;
    const other = wanted.fingerprint === undefined || wanted.fingerprint === peer.fingerprint ? 0 : 1e6;
    return tried + other + Math.min(this.given.get(peer.serviceId) ?? 0, 999_999);
  }

  private offer(wanted: WantedStage, peer: Peer, nowMs: number): void {
    const { serviceId, service, peerId } = peer;
    const lease: Lease = { leaseId: this.newLeaseId(), run: wanted.run, key: wanted.key, serviceId, service };
    this.given.set(serviceId, (this.given.get(serviceId) ?? 0) + 1);
    const deadline = nowMs + this.limits.acceptMs;
    this.leases.set(wanted.run, { ...lease, state: 'offered', peerId, deadline });
    this.actions.push({ do: 'offer', peerId, lease });
  }

  private lose(lease: LeaseEntry, reason: LostReason): void {
    this.leases.delete(lease.run);
    this.wants.delete(lease.run);
    this.actions.push({ do: 'lost', lease: bare(lease), reason });
  }

  private cancel(peerId: string, leaseId: string, reason: string): void {
    this.actions.push({ do: 'cancel', peerId, leaseId, reason });
  }

  private find(leaseId: string, peerId: string): LeaseEntry | undefined {
    for (const lease of this.leases.values()) {
      if (lease.leaseId === leaseId && lease.peerId === peerId) return lease;
    }
    return undefined;
  }
}

const EXPIRED_REASONS = { offered: 'no answer', held: 'expired', orphaned: 'vanished' } as const;

function bare({ leaseId, run, key, serviceId, service }: Lease): Lease {
  return { leaseId, run, key, serviceId, service };
}
