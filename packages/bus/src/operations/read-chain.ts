import type { Logger } from '@pipit/types-registry';
import type { ChainOptions, OperationChain } from '../operations.ts';
import { buildChain } from './build-chain.ts';
import { checkId, checkRange } from './check-operation.ts';
import { readAll } from './list-operations.ts';
import type { OperationLog } from './operation-log.ts';
import type { OperationRecord } from './record.ts';

const defaultLimit = 100_000;

/** @throws InvalidOperationError, OperationsReadError */
export async function readChain(
  log: OperationLog,
  logger: Logger,
  id: string,
  { limit = defaultLimit }: ChainOptions,
): Promise<OperationChain | undefined> {
  checkId(id);
  checkRange('limit', limit, 'records');
  let { records, complete } = await readRecords(log, logger, id, limit);
  const root = records.flatMap(correlationOf(id))[0] ?? id;
  if (root !== id) {
    // An operation inside another one: its events are kept with that one's.
    const outer = await readRecords(log, logger, root, limit);
    complete = outer.complete;
    records = [...outer.records, ...records];
  }
  const built = buildChain(root, records);
  const found = built.find(id);
  if (found === undefined) return undefined;
  const detached = root === id ? built.detached : { events: [], operations: [] };
  return { ...found, detached, complete };
}

function correlationOf(id: string) {
  return (record: OperationRecord): readonly string[] => {
    const isOperation = record.record === 'operation-started' || record.record === 'operation-ended';
    return isOperation && record.id === id ? [record.correlationId] : [];
  };
}

async function readRecords(log: OperationLog, logger: Logger, chain: string, limit: number) {
  const records: OperationRecord[] = [];
  for await (const page of log.read(chain)) {
    const room = limit - records.length;
    records.push(...readAll(log, logger, page.slice(0, room)));
    if (page.length > room) return { records, complete: false };
  }
  return { records, complete: true };
}
