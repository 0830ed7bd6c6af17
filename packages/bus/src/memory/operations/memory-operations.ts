import { requireStoreName } from '@pipit/types-registry';
import { createOperations, type OperationsOptions } from '../../operations/create-operations.ts';
import type { NewRecord, OperationLog, StoredRecord } from '../../operations/operation-log.ts';
import { indexPlace } from '../../operations/record.ts';
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
  const entries: StoredRecord[] = [];

  async function* pagesOf(records: readonly StoredRecord[]) {
    for (let from = 0; from < records.length; from += pageSize) yield records.slice(from, from + pageSize);
  }

  function chainOf(place: string): Map<string, StoredRecord> {
    const [chain = ''] = place.split('.', 1);
    const found = chains.get(chain) ?? new Map<string, StoredRecord>();
    chains.set(chain, found);
    return found;
  }

  return {
    store,
    place: `the memory of store ${store}`,
    maxBytes: () => Number.MAX_SAFE_INTEGER,
    async write({ place, body }: NewRecord) {
      const record = { place, body: body.slice() };
      if (place.startsWith('index.')) entries.push(record);
      else chainOf(place).set(place, record);
    },
    read: (chain) => pagesOf([...(chains.get(chain)?.values() ?? [])]),
    index({ kind, name }) {
      const wanted = indexPlace(kind, name).split('.');
      const isWanted = ({ place }: StoredRecord) =>
        place.split('.').every((token, index) => wanted[index] === '*' || wanted[index] === token);
      return pagesOf(entries.filter(isWanted).toReversed());
    },
    find: async (places) =>
      places.flatMap((place) => chains.get(place.split('.', 1)[0] ?? '')?.get(place) ?? []),
  };
}
