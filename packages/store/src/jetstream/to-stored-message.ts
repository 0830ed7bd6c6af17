import type { AggregateRef, HeaderBlock, StoredMessage, SubjectLayout } from '@pipit/types-registry';

/** What a direct get, a leader's get and a consumer's delivery have in common. */
export interface RawMessage {
  readonly subject: string;
  readonly sequence: number;
  /** What knows the time of storing, where the headers do not. */
  readonly storedAt?: { readonly time: Date };
  readonly headers: HeaderBlock;
  readonly body: Uint8Array;
}

/**
 * The aggregate, where it is not known, is read from the subject only when it is asked for: there its errors can name
 * the event.
 */
export function toStoredMessage(
  store: string,
  layout: SubjectLayout,
  raw: RawMessage,
  aggregate?: AggregateRef,
): StoredMessage {
  return new JetStreamMessage(store, layout, raw, aggregate);
}

/** A class, because there is one for every event that is read, and methods of its own would cost more than the rest. */
class JetStreamMessage implements StoredMessage {
  readonly store: string;
  readonly position: number;
  readonly body: Uint8Array;
  private readonly layout: SubjectLayout;
  private readonly raw: RawMessage;
  private ref: AggregateRef | undefined;

  constructor(store: string, layout: SubjectLayout, raw: RawMessage, ref: AggregateRef | undefined) {
    this.store = store;
    this.position = raw.sequence;
    this.body = raw.body;
    this.layout = layout;
    this.raw = raw;
    this.ref = ref;
  }

  get aggregate(): AggregateRef {
    this.ref ??= this.layout.aggregateOf(this.raw.subject);
    return this.ref;
  }

  get storedAt(): Date {
    const { storedAt, headers } = this.raw;
    return storedAt?.time ?? new Date(headers.ofServer('Nats-Time-Stamp') ?? '');
  }

  header(name: string): string | undefined {
    return this.raw.headers.get(name);
  }

  headerNames(): Iterable<string> {
    return this.raw.headers.names();
  }
}
