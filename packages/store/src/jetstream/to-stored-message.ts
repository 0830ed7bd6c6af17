import type { MsgHdrs } from '@nats-io/nats-core';
import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';

/** What a direct get, a leader's get and a consumer's delivery have in common. */
export interface RawMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly storedAt: Date;
  readonly headers: MsgHdrs | undefined;
  readonly body: Uint8Array;
}

/** The aggregate is read from the subject only when it is asked for, where its errors can name the event. */
export function toStoredMessage(store: string, layout: SubjectLayout, raw: RawMessage): StoredMessage {
  const { headers } = raw;
  return {
    store,
    position: raw.sequence,
    get aggregate() {
      return layout.aggregateOf(raw.subject);
    },
    storedAt: raw.storedAt,
    header: (name) => (headers?.has(name) ? headers.get(name) : undefined),
    headerNames: () => headers?.keys() ?? [],
    body: raw.body,
  };
}
