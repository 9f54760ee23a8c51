/** What arrives, as an Observable that loses nothing before its first subscriber. */
import { PROTOCOL_LIMITS, type Message } from '@espalier/protocol';
import { Observable } from 'rxjs';

/** Messages for subscribers; what comes before the first is kept for it. */
export class Inbox {
  readonly messages$: Observable<Message>;
  private readonly subscribers = new Set<(message: Message) => void>();
  private readonly enders = new Set<() => void>();
  private early: Message[] = [];
  private ended = false;

  constructor(private readonly onOverflow: () => void) {
    this.messages$ = new Observable((subscriber) => {
      const early = this.early;
      this.early = [];
      for (const held of early) subscriber.next(held);
      if (this.ended) return subscriber.complete();
      const deliver = (value: Message): void => subscriber.next(value);
      const end = (): void => subscriber.complete();
      this.subscribers.add(deliver);
      this.enders.add(end);
      return () => {
        this.subscribers.delete(deliver);
        this.enders.delete(end);
      };
    });
  }

  deliver(value: Message): void {
    if (this.subscribers.size > 0) {
      for (const next of [...this.subscribers]) next(value);
      return;
    }
    this.early.push(value);
    if (this.early.length > PROTOCOL_LIMITS.maxQueuedMessages) {
      this.early = [];
      this.onOverflow();
    }
  }

  end(): void {
    this.ended = true;
    for (const end of [...this.enders]) end();
  }
}
