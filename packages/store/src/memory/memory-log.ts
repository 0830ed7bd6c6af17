import {
  type AggregateRef,
  decodeToken,
  type EventDraft,
  encodeToken,
  eventHeaders,
  eventTypeOf,
  requireStoreName,
  revisionHeader,
  type StoredMessage,
} from '@pipit/types-registry';
import { maxBatch } from '../append/max-batch.ts';
import { namedAggregate, namedIds } from '../append/named-part.ts';
import type {
  AggregateRange,
  Appended,
  AppendedPart,
  AppendPart,
  AppendRequest,
  EventLog,
  LogQuery,
  StoredBatch,
} from '../event-log.ts';
import { isExpected } from '../expected-revision.ts';
import { ConflictError, DuplicateEventIdError } from '../store-errors.ts';

const batchSize = 512;

export interface MemoryLogOptions {
  /** Says when events are stored, for `asOf` and `fromTime`. Default: the system's clock. */
  readonly clock?: () => Date;
}

/** A log that lives and dies with its process. It keeps encoded events, so that what is read was really written. */
export function memoryLog(name: string, { clock = () => new Date() }: MemoryLogOptions = {}): EventLog {
  requireStoreName(name);
  const messages: StoredMessage[] = [];
  const aggregates = new Map<string, StoredMessage[]>();
  const placeOfId = new Map<string, { readonly key: string; readonly revision: number }>();
  let wake = Promise.withResolvers<void>();
  let closed = false;

  function eventsOf(aggregate: AggregateRef): StoredMessage[] {
    return aggregates.get(keyOf(aggregate)) ?? [];
  }

  async function append({ parts }: AppendRequest): Promise<Appended> {
    const ids = parts.flatMap(({ drafts }) => drafts.map(({ id }) => id));
    const duplicate = () => new DuplicateEventIdError(namedAggregate(parts), namedIds(parts));
    const repeated = parts.map((part) => repetition(part, duplicate));
    if (repeated.every((part) => part !== undefined)) return { parts: repeated };
    for (const { aggregate, expected } of parts) {
      const actual = eventsOf(aggregate).length;
      if (!isExpected(expected, actual)) throw new ConflictError(aggregate, expected, actual);
    }
    if (ids.some((id) => placeOfId.has(id))) throw duplicate();

    // Whatever cannot be encoded fails before anything is stored.
    const headers = parts.map(({ drafts }) => drafts.map((draft) => eventHeaders(name, draft)));
    const stored = parts.map((part, index) => store(part, headers[index] ?? []));
    wake.resolve();
    wake = Promise.withResolvers();
    return { parts: stored };
  }

  function store({ aggregate, drafts }: AppendPart, headers: readonly Headers[]): AppendedPart {
    const key = keyOf(aggregate);
    const events = aggregates.get(key) ?? [];
    aggregates.set(key, events);
    const positions = drafts.map((draft, index) => {
      const revision = events.length + 1;
      const position = messages.length + 1;
      const byName = new Map([...(headers[index] ?? []), [revisionHeader, String(revision)]]);
      const message: StoredMessage = {
        store: name,
        position,
        aggregate,
        storedAt: clock(),
        header: (header) => byName.get(header),
        headerNames: () => [...byName.keys()],
        body: draft.payload.bytes.slice(),
      };
      events.push(message);
      messages.push(message);
      placeOfId.set(draft.id, { key, revision });
      return position;
    });
    return { revision: events.length, positions };
  }

  function repetition({ aggregate, drafts }: AppendPart, duplicate: () => Error): AppendedPart | undefined {
    const key = keyOf(aggregate);
    const first = placeOfId.get(drafts[0]?.id ?? '');
    if (first === undefined) return undefined;
    const inARow = drafts.every(({ id }, index) => {
      const place = placeOfId.get(id);
      return place?.key === key && place.revision === first.revision + index;
    });
    if (!inARow) return undefined;
    const revision = first.revision + drafts.length - 1;
    const stored = eventsOf(aggregate).slice(first.revision - 1, revision);
    if (!drafts.every((draft, index) => isSameEvent(stored[index], draft))) throw duplicate();
    return { revision, positions: stored.map(({ position }) => position), stored };
  }

  async function* readAggregate(
    aggregate: AggregateRef,
    { fromPosition = 1, signal }: AggregateRange = {},
  ): ReturnType<EventLog['readAggregate']> {
    const events = eventsOf(aggregate).filter(({ position }) => position >= fromPosition);
    for (let start = 0; start < events.length; start += batchSize) {
      signal?.throwIfAborted();
      yield events.slice(start, start + batchSize);
    }
  }

  async function* read(query: LogQuery): ReturnType<EventLog['read']> {
    const wanted = wantedBy(query);
    const end = messages.length;
    for (let start = (query.fromPosition ?? 1) - 1; start < end; start += batchSize) {
      query.signal?.throwIfAborted();
      yield messages.slice(start, Math.min(start + batchSize, end)).filter(wanted);
    }
    query.signal?.throwIfAborted();
  }

  async function* follow(query: LogQuery): AsyncGenerator<StoredBatch> {
    const { signal } = query;
    const wanted = wantedBy(query);
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

  function idsOf(aggregateType: string): string[] {
    const prefix = prefixOf(aggregateType);
    return [...aggregates.keys()]
      .filter((key) => key.startsWith(prefix))
      .toSorted()
      .map((key) => decodeToken('aggregate id', key.slice(prefix.length)));
  }

  async function* latest(aggregateType: string, signal?: AbortSignal): ReturnType<EventLog['latest']> {
    const prefix = prefixOf(aggregateType);
    const last = [...aggregates].flatMap(([key, events]) => (key.startsWith(prefix) ? events.slice(-1) : []));
    const inOrder = last.toSorted((a, b) => a.position - b.position);
    for (let start = 0; start < inOrder.length; start += batchSize) {
      signal?.throwIfAborted();
      yield inOrder.slice(start, start + batchSize);
    }
    signal?.throwIfAborted();
  }

  return {
    name,
    maxBatch,
    append,
    readAggregate,
    read,
    follow,
    latest,
    async *ids(aggregateType) {
      yield idsOf(aggregateType);
    },
    count: async (aggregateType) => idsOf(aggregateType).length,
    revision: async (aggregate) => eventsOf(aggregate).length,
    position: async () => messages.length,
    async close() {
      closed = true;
      wake.resolve();
    },
  };
}

type Headers = ReturnType<typeof eventHeaders>;

function isSameEvent(stored: StoredMessage | undefined, { type, payload }: EventDraft): boolean {
  if (stored === undefined || eventTypeOf(stored) !== type) return false;
  return Buffer.compare(stored.body, payload.bytes) === 0;
}

function prefixOf(aggregateType: string): string {
  return `${encodeToken('aggregate type', aggregateType)}.`;
}

function keyOf({ type, id }: AggregateRef): string {
  return prefixOf(type) + encodeToken('aggregate id', id);
}

function wantedBy({ aggregateTypes, fromTime }: LogQuery): (message: StoredMessage) => boolean {
  const types = aggregateTypes === undefined ? undefined : new Set(aggregateTypes);
  return ({ aggregate, storedAt }) =>
    (types?.has(aggregate.type) ?? true) && (fromTime === undefined || storedAt >= fromTime);
}
