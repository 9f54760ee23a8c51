/** What the coordinator sends; the sockets behind it are the hub link's. */
import type { ContributionRef, PluginPin } from '@espalier/plugin-api';
import type { StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { Fields } from './run-events';

export interface StageOffer {
  readonly run: string;
  readonly leaseId: string;
  readonly key: Digest;
  readonly stage: StageSpec;
  /** Data planes that may have each input, best first. */
  readonly sources: Readonly<Record<Digest, readonly string[]>>;
}

/** An event on its way to the watchers; without `seq` it stands in no log. */
export type OutgoingEvent = {
  readonly type: string;
  readonly fields: Fields;
  readonly seq?: number;
  readonly at: number;
};

export interface Outbox {
  /** Settles when the service has accepted; rejects with the reason when it refuses or is gone. */
  offer(peerId: string, offer: StageOffer): Promise<void>;
  /** Settles when the service has let the criterion in; rejects with what it says is wrong, or when it says nothing. */
  admit(
    peerId: string,
    run: string,
    criterion: ContributionRef & { readonly plugin: PluginPin },
  ): Promise<{ readonly needs: readonly string[] }>;
  cancel(peerId: string, run: string | undefined, leaseId: string, reason: string): void;
  publish(run: string, event: OutgoingEvent): void;
}
