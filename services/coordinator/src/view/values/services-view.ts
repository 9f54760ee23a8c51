/** The topic `services`: who is connected, what it does, how it is. */
import type { MessageBody, ServiceView } from '@espalier/protocol';
import type { Lease } from '../../scheduler';
import type { ServicePeer } from '../../service-roster';
import { defined } from './run-figures';

interface Signs {
  /** Of its connection. */
  readonly peerId: string;
  readonly connectedAt: number;
  readonly heartbeatAt: number;
  readonly state?: MessageBody<'service.state'>;
}

/** What services let know of themselves besides their announcement. */
export class ServiceSigns {
  private readonly signs = new Map<string, Signs>();

  /** At each announcement; of the same connection only the first counts. */
  announced(serviceId: string, peerId: string, at: number): void {
    const before = this.signs.get(serviceId);
    if (before?.peerId === peerId) return;
    this.signs.set(serviceId, { peerId, connectedAt: at, heartbeatAt: at });
  }

  heard(serviceId: string, at: number, state?: MessageBody<'service.state'>): void {
    const before = this.signs.get(serviceId);
    if (before) this.signs.set(serviceId, { ...before, heartbeatAt: at, ...(state && { state }) });
  }

  /** A service that came back over another connection is not gone with its old one. */
  gone(peerId: string): void {
    for (const [serviceId, signs] of this.signs) if (signs.peerId === peerId) this.signs.delete(serviceId);
  }

  get(serviceId: string): Signs | undefined {
    return this.signs.get(serviceId);
  }
}

/** @param titleOf the stage of a lease, for people */
export function serviceViews(
  services: readonly (ServicePeer & { readonly lease?: Lease })[],
  signs: Pick<ServiceSigns, 'get'>,
  titleOf: (lease: Lease) => string | undefined,
): ServiceView[] {
  return services.map(({ serviceId, service, kinds, engine, lease }) => {
    const { connectedAt = 0, heartbeatAt = 0, state } = signs.get(serviceId) ?? {};
    return defined({
      id: serviceId,
      service,
      kinds,
      engine,
      leaseRun: lease?.run,
      leaseTitle: lease && titleOf(lease),
      memoryBytes: state?.memoryBytes,
      heartbeatAt,
      connectedAt,
      plugins: state?.plugins,
    });
  });
}
