import type { Logger } from '@pipit/types-registry';
import type { Operation, OperationQuery } from '../operations.ts';
import type { OperationLog, StoredRecord } from './operation-log.ts';
import { readRecord } from './read-record.ts';
import { type Ended, type OperationRecord, runKey, type Started } from './record.ts';

/**
 * An end is written after its start, so that going backwards it is known when the start comes. Only for a start without
 * one it is looked whether it has come since, or was on record before a start that had to be written again.
 */
export async function* listOperations(
  log: OperationLog,
  logger: Logger,
  { state, limit = Number.POSITIVE_INFINITY, ...query }: OperationQuery,
): AsyncGenerator<Operation> {
  let left = limit;
  const ends = new Map<string, Ended>();
  const keepEnds = (records: readonly OperationRecord[]) => {
    for (const record of records) if (record.record === 'operation-ended') ends.set(record.id, record);
  };
  for await (const page of log.runs(query)) {
    const records = readAll(log, logger, page);
    keepEnds(records);
    const started = records.filter(
      (record): record is Started =>
        record.record === 'operation-started' && isWithin(record.startedAt, query),
    );
    const open = started.filter(({ id }) => !ends.has(id));
    if (open.length > 0) {
      const places = open.map(({ id, kind, name }) => ({ chain: id, key: runKey(kind, name, 'end') }));
      keepEnds(readAll(log, logger, await log.find(places)));
    }
    for (const each of started) {
      const operation = operationOf(each, ends.get(each.id));
      ends.delete(each.id);
      if (state !== undefined && operation.state !== state) continue;
      yield operation;
      left -= 1;
      if (left === 0) return;
    }
  }
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

/** What others wrote there, or a newer release, hides nothing else: it is logged and passed over. */
export function readAll(
  log: OperationLog,
  logger: Logger,
  records: readonly StoredRecord[],
): OperationRecord[] {
  const read: OperationRecord[] = [];
  for (const { key, body } of records) {
    try {
      read.push(readRecord(body));
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err);
      logger.warn({ store: log.store, key, err }, `Record ${key} in ${log.place} cannot be read: ${reason}`);
    }
  }
  return read;
}
