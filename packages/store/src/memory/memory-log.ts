import {
  type AggregateRef,
  type EventDraft,
  encodeToken,
  eventHeaders,
  eventTypeOf,
  requireStoreName,
  revisionHeader,
  type StoredMessage,
} from '@pipit/types-registry';
import type { Appended, AppendRequest, EventLog, LogQuery, StoredBatch } from '../event-log.ts';
import { isExpected } from '../expected-revision.ts';
import { ConflictError, DuplicateEventIdError } from '../store-errors.ts';

const batchSize = 512;

/** A log that lives and dies with its process. It keeps encoded events, so that what is read was really written. */
export function memoryLog(name: string): EventLog {
  requireStoreName(name);
  const messages: StoredMessage[] = [];
  const aggregates = new Map<string, StoredMessage[]>();
  const placeOfId = new Map<string, { readonly key: string; readonly revision: number }>();
  let wake = Promise.withResolvers<void>();
  let closed = false;

  async function append({ aggregate, expected, drafts }: AppendRequest): Promise<Appended> {
    const key = keyOf(aggregate);
    const events = aggregates.get(key) ?? [];
    const ids = drafts.map(({ id }) => id);
    const repeated = repetition(aggregate, key, events, drafts);
    if (repeated !== undefined) return repeated;
    if (!isExpected(expected, events.length)) throw new ConflictError(aggregate, expected, events.length);
    if (ids.some((id) => placeOfId.has(id))) throw new DuplicateEventIdError(aggregate, ids);

    const headers = drafts.map((draft) => eventHeaders(name, draft));
    const stored = drafts.map((draft, index): StoredMessage => {
      const revision = events.length + 1 + index;
      const byName = new Map([...(headers[index] ?? []), [revisionHeader, String(revision)]]);
      return {
        store: name,
        position: messages.length + 1 + index,
        aggregate,
        storedAt: new Date(),
        header: (header) => byName.get(header),
        headerNames: () => [...byName.keys()],
        body: draft.payload.bytes.slice(),
      };
    });
    for (const [index, id] of ids.entries()) placeOfId.set(id, { key, revision: events.length + 1 + index });
    events.push(...stored);
    messages.push(...stored);
    aggregates.set(key, events);
    wake.resolve();
    wake = Promise.withResolvers();
    return { revision: events.length, positions: stored.map(({ position }) => position) };
  }

  function repetition(
    aggregate: AggregateRef,
    key: string,
    events: readonly StoredMessage[],
    drafts: readonly EventDraft[],
  ): Appended | undefined {
    const ids = drafts.map(({ id }) => id);
    const first = placeOfId.get(ids[0] ?? '');
    if (first === undefined) return undefined;
    const inARow = ids.every((id, index) => {
      const place = placeOfId.get(id);
      return place?.key === key && place.revision === first.revision + index;
    });
    if (!inARow) return undefined;
    const revision = first.revision + ids.length - 1;
    const stored = events.slice(first.revision - 1, revision);
    if (!drafts.every((draft, index) => isSameEvent(stored[index], draft))) {
      throw new DuplicateEventIdError(aggregate, ids);
    }
    return { revision, positions: stored.map(({ position }) => position), stored };
  }

  async function* readAggregate(aggregate: AggregateRef): AsyncGenerator<StoredMessage> {
    yield* (aggregates.get(keyOf(aggregate)) ?? []).slice();
  }

  async function* read(query: LogQuery): AsyncGenerator<StoredMessage> {
    const wanted = typeFilter(query);
    const end = messages.length;
    for (let index = (query.fromPosition ?? 1) - 1; index < end; index += 1) {
      const message = messages[index];
      if (message !== undefined && wanted(message)) yield message;
    }
  }

  async function* follow(query: LogQuery & { readonly signal?: AbortSignal }): AsyncGenerator<StoredBatch> {
    const { signal } = query;
    const wanted = typeFilter(query);
    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      let next = (query.fromPosition ?? 1) - 1;
      for (let first = true; !closed && signal?.aborted !== true; first = false) {
        const slice = messages.slice(next, next + batchSize);
        next += slice.length;
        const caughtUp = next >= messages.length;
        if (first || slice.length > 0) {
          yield { messages: slice.filter(wanted), position: Math.min(next, messages.length), caughtUp };
        } else await Promise.race([wake.promise, aborted.promise]);
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  return {
    name,
    append,
    readAggregate,
    read,
    follow,
    revision: async (aggregate) => aggregates.get(keyOf(aggregate))?.length ?? 0,
    position: async () => messages.length,
    async close() {
      closed = true;
      wake.resolve();
    },
  };
}

function isSameEvent(stored: StoredMessage | undefined, { type, payload }: EventDraft): boolean {
  if (stored === undefined || eventTypeOf(stored) !== type) return false;
  return Buffer.compare(stored.body, payload.bytes) === 0;
}

function keyOf({ type, id }: AggregateRef): string {
  return `${encodeToken('aggregate type', type)}.${encodeToken('aggregate id', id)}`;
}

function typeFilter({ aggregateTypes }: LogQuery): (message: StoredMessage) => boolean {
  if (aggregateTypes === undefined) return () => true;
  const types = new Set(aggregateTypes);
  return ({ aggregate }) => types.has(aggregate.type);
}
