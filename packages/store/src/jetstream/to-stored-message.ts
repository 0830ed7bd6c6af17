import type { AggregateRef, StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { RawHeaders } from './raw-headers.ts';

/** What a direct get, a leader's get and a consumer's delivery have in common. */
export interface RawMessage {
  readonly subject: string;
  readonly sequence: number;
  /** Only worked out when it is asked for. */
  storedAt(): Date;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/** The aggregate is read from the subject only when it is asked for, where its errors can name the event. */
export function toStoredMessage(store: string, layout: SubjectLayout, raw: RawMessage): StoredMessage {
  const { headers } = raw;
  let aggregate: AggregateRef | undefined;
  return {
    store,
    position: raw.sequence,
    get aggregate() {
      aggregate ??= layout.aggregateOf(raw.subject);
      return aggregate;
    },
    get storedAt() {
      return raw.storedAt();
    },
    header: (name) => headers.get(name),
    headerNames: () => [...headers.keys()],
    body: raw.body,
  };
}
