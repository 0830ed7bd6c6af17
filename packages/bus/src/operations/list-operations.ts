import type { Logger } from '@pipit/types-registry';
import type { Operation, OperationQuery } from '../operations.ts';
import type { OperationLog, StartQuery, StoredRecord } from './operation-log.ts';
import { readRecord } from './read-record.ts';
import type { Ended, OperationRecord, Started } from './record.ts';

/** Reads pages of starts, and for each the ends that belong to it. */
export async function* listOperations(
  log: OperationLog,
  logger: Logger,
  { state, limit = Number.POSITIVE_INFINITY, ...query }: OperationQuery,
): AsyncGenerator<Operation> {
  let left = limit;
  const start: StartQuery = query;
  for await (const page of log.starts(start)) {
    const started = readAll(log, logger, page).filter(
      (record): record is Started =>
        record.record === 'operation-started' && isWithin(record.startedAt, query),
    );
    if (started.length === 0) continue;
    const ends = new Map<string, Ended>();
    for (const record of readAll(log, logger, await log.ends(started.map(({ id }) => id)))) {
      if (record.record === 'operation-ended') ends.set(record.id, record);
    }
    for (const each of started) {
      const operation = operationOf(each, ends.get(each.id));
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
