/** The services that are connected, by connection. One that comes back takes the place of its older connection. */
import type { JsonValue } from '@espalier/base';
import type { Peer } from './scheduler';

/** A service as it announced itself. */
export interface ServicePeer extends Peer {
  readonly engine?: JsonValue;
  /** It can be asked to let a criterion in. */
  readonly admits?: boolean;
  /** Where its store is. */
  readonly dataUrl?: string;
}

export class ServiceRoster {
  private readonly peers = new Map<string, ServicePeer>();

  add(peer: ServicePeer): void {
    for (const other of this.peers.values()) {
      if (other.serviceId === peer.serviceId) this.peers.delete(other.peerId);
    }
    this.peers.set(peer.peerId, peer);
  }

  remove(peerId: string): void {
    this.peers.delete(peerId);
  }

  get(peerId: string): ServicePeer | undefined {
    return this.peers.get(peerId);
  }

  list(): readonly ServicePeer[] {
    return [...this.peers.values()];
  }
}
