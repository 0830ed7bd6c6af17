import type { Logger } from '@pipit/types-registry';
import type { Operation, OperationQuery } from '../operations.ts';
import type { OperationLog, StoredRecord } from './operation-log.ts';
import { type IndexEntry, readIndexEntry, readRecord } from './read-record.ts';
import { type Ended, type OperationRecord, runPlace, type Started } from './record.ts';

/** How many ids are remembered, for those that are in the index twice: after an outage, close to each other. */
const remembered = 10_000;

/** Takes ids from the index, and what is known of them from their own records. */
export async function* listOperations(
  log: OperationLog,
  logger: Logger,
  { state, limit = Number.POSITIVE_INFINITY, ...query }: OperationQuery,
): AsyncGenerator<Operation> {
  let left = limit;
  const seen = new Set<string>();
  for await (const page of log.index(query)) {
    const ids = entriesOf(log, logger, page)
      .filter(({ id, startedAt }) => isWithin(startedAt, query) && !seen.has(id))
      .map(({ id }) => id);
    for (const operation of await operationsOf(log, logger, new Set(ids))) {
      if (state !== undefined && operation.state !== state) continue;
      yield operation;
      left -= 1;
      if (left === 0) return;
    }
    for (const id of ids) seen.add(id);
    for (const id of seen) {
      if (seen.size <= remembered) break;
      seen.delete(id);
    }
  }
}

/** In the order of the ids. One that only the index knows has never been run. */
async function operationsOf(
  log: OperationLog,
  logger: Logger,
  ids: ReadonlySet<string>,
): Promise<readonly Operation[]> {
  if (ids.size === 0) return [];
  const places = [...ids].flatMap((id) => [runPlace(id, 'start'), runPlace(id, 'end')]);
  const started = new Map<string, Started>();
  const ended = new Map<string, Ended>();
  for (const record of readAll(log, logger, await log.find(places))) {
    if (record.record === 'operation-started') started.set(record.id, record);
    if (record.record === 'operation-ended') ended.set(record.id, record);
  }
  return [...ids].flatMap((id) => {
    const known = started.get(id) ?? ended.get(id);
    return known === undefined ? [] : [operationOf(known, ended.get(id))];
  });
}

function isWithin(time: Date, { from, to }: OperationQuery): boolean {
  return (from === undefined || time >= from) && (to === undefined || time < to);
}

/** Of what is known of it: where its start has expired, the end says all but the input. */
export function operationOf(known: Started | Ended, ended?: Ended): Operation {
  const { id, kind, name, startedAt, correlationId, parentId, instance } = known;
  const started = known.record === 'operation-started' ? known : undefined;
  const end = ended === undefined ? 'running' : ended.error === undefined ? 'succeeded' : 'failed';
  return {
    id,
    kind,
    name,
    input: started?.input,
    user: started?.user,
    startedAt,
    endedAt: ended?.endedAt,
    state: end,
    error: ended?.error,
    correlationId,
    parentId,
    instance,
  };
}

export function readAll(
  log: OperationLog,
  logger: Logger,
  records: readonly StoredRecord[],
): OperationRecord[] {
  return readEach(log, logger, records, readRecord);
}

function entriesOf(log: OperationLog, logger: Logger, records: readonly StoredRecord[]): IndexEntry[] {
  return readEach(log, logger, records, readIndexEntry);
}

/** What others wrote there, or a newer release, hides nothing else: it is logged and passed over. */
function readEach<Value>(
  log: OperationLog,
  logger: Logger,
  records: readonly StoredRecord[],
  read: (body: Uint8Array) => Value,
): Value[] {
  return records.flatMap(({ place, body }) => {
    try {
      return [read(body)];
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err);
      logger.warn(
        { store: log.store, place, err },
        `Record ${place} in ${log.place} cannot be read: ${reason}`,
      );
      return [];
    }
  });
}
