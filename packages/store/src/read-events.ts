import {
  type AggregateRef,
  type Catalog,
  decodeEvent,
  type EventDefinition,
  eventTypeOf,
  type Logger,
  type RecordedEvent,
  revisionHeader,
  type StoredMessage,
  UnreadableEventError,
} from '@pipit/types-registry';
import type { Aggregate } from './aggregate.ts';
import { isKeyMessage } from './append/unique-key.ts';
import { checkDate, checkWhole, shown } from './argument-checks.ts';
import type { EventLog } from './event-log.ts';
import type { EventBatch, FollowOptions, Reading, ReadOptions } from './event-store.ts';
import { InvalidArgumentError } from './invalid-argument.ts';
import { MissingRevisionError } from './store-errors.ts';

export interface ReadingContext {
  readonly log: EventLog;
  readonly catalog: Catalog<EventDefinition>;
  readonly logger: Logger;
  /** @throws InvalidArgumentError where the store is closed, or was not opened with these aggregates */
  checkSelected(aggregate: Aggregate | readonly Aggregate[] | undefined, id: string | undefined): void;
}

type AnySelection = FollowOptions<Aggregate, EventDefinition>;
type AnyRead = ReadOptions<Aggregate, EventDefinition>;

/** Reads once, and counts what it leaves out because it cannot be read. */
export function readEvents(context: ReadingContext, options: AnyRead): Reading<RecordedEvent> {
  const skipped = { count: 0 };
  return {
    get skipped() {
      return skipped.count;
    },
    [Symbol.asyncIterator]: () => eventsOf(context, options, skipped),
  };
}

async function* eventsOf(
  context: ReadingContext,
  options: AnyRead,
  skipped: { count: number },
): AsyncGenerator<RecordedEvent> {
  const { asOf, id, signal } = options;
  context.checkSelected(options.aggregate, options.id);
  checkRead(options);
  const decode = decoder(context, options);
  const source = id === undefined ? wholeLog(context, options) : oneAggregate(context, options, id);
  for await (const messages of source) {
    for (const message of messages) {
      signal?.throwIfAborted();
      if (asOf !== undefined && message.storedAt > asOf) return;
      const event = decode(message);
      if (event === 'skipped') skipped.count += 1;
      else if (event !== undefined) yield event;
    }
  }
}

function wholeLog({ log }: ReadingContext, options: AnyRead): AsyncIterable<readonly StoredMessage[]> {
  return log.read(queryOf(options));
}

/** Revisions are checked before anything is left out; what lies outside the range is never decoded. */
async function* oneAggregate(
  { log }: ReadingContext,
  options: AnyRead,
  id: string,
): AsyncGenerator<readonly StoredMessage[]> {
  const { aggregate, signal, fromPosition = 1, fromTime } = options;
  const { fromRevision = 1, toRevision = Infinity } = options;
  const ref = { type: (aggregate as Aggregate).type, id };
  let revision = 0;
  for await (const messages of log.readAggregate(ref, signal && { signal })) {
    const asked: StoredMessage[] = [];
    for (const message of messages) {
      if (revision + 1 > toRevision) break;
      const found = Number(message.header(revisionHeader) ?? revision + 1);
      revision += 1;
      if (found !== revision)
        throw new MissingRevisionError(log.name, ref, revision, found, message.position);
      const isLater = fromTime === undefined || message.storedAt >= fromTime;
      if (revision >= fromRevision && message.position >= fromPosition && isLater) asked.push(message);
    }
    yield asked;
    if (revision + 1 > toRevision) return;
  }
}

/** Positions that go by without an event that is asked for before a batch tells of them, while there is more to read. */
const quietStretch = 1_024;

/**
 * Reads on live. What can be read of a batch is handed over before the error that ends it. A batch with nothing in it
 * that was asked for is left out, unless it is at the end or the last one that was told of is far behind.
 */
export async function* followEvents(
  context: ReadingContext,
  options: FollowOptions<Aggregate, EventDefinition>,
): AsyncGenerator<EventBatch<RecordedEvent>> {
  context.checkSelected(options.aggregate, options.id);
  checkSelection(options);
  const decode = decoder(context, options);
  let told = (options.fromPosition ?? 1) - 1;
  for await (const { messages, position, caughtUp } of context.log.follow(queryOf(options))) {
    const events: RecordedEvent[] = [];
    let skipped = 0;
    for (const message of messages) {
      try {
        const event = decode(message);
        if (event === 'skipped') skipped += 1;
        else if (event !== undefined) events.push(event);
      } catch (error) {
        if (events.length > 0 || skipped > 0)
          yield { events, position: message.position - 1, caughtUp: false, skipped };
        throw error;
      }
    }
    const isQuiet = events.length === 0 && skipped === 0 && !caughtUp;
    if (isQuiet && position - told < quietStretch) continue;
    told = position;
    yield { events, position, caughtUp, skipped };
  }
}

/** @returns how to decode a message; the function gives nothing for a message that is not asked for */
export function decoder(
  { catalog, logger, log }: ReadingContext,
  {
    events,
    id,
    only,
    unreadable = 'stop',
  }: Omit<AnySelection, 'aggregate'> & { readonly id?: string | undefined },
): (message: StoredMessage) => RecordedEvent | 'skipped' | undefined {
  const types = events === undefined ? undefined : new Set(events.map(({ type }) => type));
  return (message) => {
    try {
      // First, because it takes no more than the subject.
      if (only !== undefined && isOutside(only, message)) return undefined;
      if (types !== undefined && !types.has(eventTypeOf(message))) return undefined;
      if (id !== undefined && message.aggregate.id !== id) return undefined;
      if (isKeyMessage(message)) return undefined;
      return decodeEvent(catalog, message);
    } catch (error) {
      if (unreadable === 'stop' || !(error instanceof UnreadableEventError)) throw error;
      const { position, type } = error;
      logger.warn(
        { store: log.name, position, type, err: error },
        'An event that cannot be read was skipped, as was asked for',
      );
      return 'skipped';
    }
  };
}

/** Where its aggregate cannot be read, nobody can tell: decoding it says so, with the event's position. */
function isOutside(only: NonNullable<AnySelection['only']>, message: StoredMessage): boolean {
  let aggregate: AggregateRef;
  try {
    aggregate = message.aggregate;
  } catch {
    return false;
  }
  return !only(aggregate);
}

function queryOf({
  aggregate,
  fromPosition = 1,
  fromTime,
  signal,
}: AnySelection): Parameters<EventLog['read']>[0] {
  const types = aggregate === undefined ? undefined : listOf(aggregate).map(({ type }) => type);
  return {
    fromPosition,
    ...(types && { aggregateTypes: [...new Set(types)] }),
    ...(fromTime && { fromTime }),
    ...(signal && { signal }),
  };
}

function listOf(aggregate: Aggregate | readonly Aggregate[]): readonly Aggregate[] {
  return Array.isArray(aggregate) ? (aggregate as readonly Aggregate[]) : [aggregate as Aggregate];
}

function checkRead(options: AnyRead): void {
  checkSelection(options);
  const { id, fromRevision, toRevision, asOf } = options;
  if (id === undefined && (fromRevision !== undefined || toRevision !== undefined)) {
    throw new InvalidArgumentError(
      'fromRevision and toRevision',
      'need an id: revisions count within one aggregate',
    );
  }
  checkWhole('fromRevision', fromRevision, 1);
  if (toRevision !== Infinity) checkWhole('toRevision', toRevision, 0);
  checkDate('asOf', asOf);
}

function checkSelection({ aggregate, id, events, fromPosition, fromTime, unreadable }: AnySelection): void {
  if (aggregate !== undefined && listOf(aggregate).length === 0)
    throw new InvalidArgumentError('aggregate', 'is an empty list: leave it out to read all');
  if (events !== undefined) checkDefinitions(events);
  if (id !== undefined && (aggregate === undefined || Array.isArray(aggregate)))
    throw new InvalidArgumentError('id', 'needs the one type of aggregate it is the id of');
  checkWhole('fromPosition', fromPosition, 1);
  checkDate('fromTime', fromTime);
  checkUnreadable(unreadable);
}

export function checkUnreadable(unreadable: unknown): void {
  if (unreadable === undefined || unreadable === 'stop' || unreadable === 'skip') return;
  throw new InvalidArgumentError('unreadable', `must be 'stop' or 'skip', not ${String(unreadable)}`);
}

function checkDefinitions(events: readonly EventDefinition[]): void {
  if (!Array.isArray(events) || events.length === 0)
    throw new InvalidArgumentError('events', 'must be a list of definitions: leave it out to read all');
  for (const definition of events as readonly (EventDefinition | undefined)[]) {
    if (typeof definition?.type === 'string') continue;
    throw new InvalidArgumentError('events', `must hold definitions of events, not ${shown(definition)}`);
  }
}
