import { requireStoreName } from '@pipit/types-registry';
import { createOperations, type OperationsOptions } from '../../operations/create-operations.ts';
import type { NewRecord, OperationLog, RecordPlace, StoredRecord } from '../../operations/operation-log.ts';
import { runKey } from '../../operations/record.ts';
import type { Operations } from '../../operations.ts';

export interface MemoryOperationsOptions extends OperationsOptions {
  /** The name of the store. */
  readonly store: string;
}

/** Operations kept in memory, for tests and trials: gone with the process, and until then never expired. */
export function memoryOperations({ store, ...options }: MemoryOperationsOptions): Operations {
  requireStoreName(store);
  return createOperations(memoryOperationLog(store), options);
}

const pageSize = 256;

export function memoryOperationLog(store: string): OperationLog {
  const chains = new Map<string, Map<string, StoredRecord>>();
  const runs: RecordPlace[] = [];

  async function* pagesOf(records: readonly StoredRecord[]) {
    for (let from = 0; from < records.length; from += pageSize) yield records.slice(from, from + pageSize);
  }

  const findAll = (places: readonly RecordPlace[]) =>
    places.flatMap(({ chain, key }) => chains.get(chain)?.get(key) ?? []);

  return {
    store,
    place: `the memory of store ${store}`,
    maxBytes: () => Number.MAX_SAFE_INTEGER,
    async write({ chain, key, body }: NewRecord) {
      const records = chains.get(chain) ?? new Map<string, StoredRecord>();
      chains.set(chain, records);
      if (!records.has(key) && key.startsWith('run.')) runs.push({ chain, key });
      records.set(key, { key, body: body.slice() });
    },
    read: (chain) => pagesOf([...(chains.get(chain)?.values() ?? [])]),
    runs({ kind, name }) {
      const wanted = runKey(kind, name, '*').split('.');
      const isWanted = (key: string) =>
        key.split('.').every((token, index) => wanted[index] === '*' || wanted[index] === token);
      return pagesOf(findAll(runs.filter(({ key }) => isWanted(key)).toReversed()));
    },
    find: async (places) => findAll(places),
  };
}
