import type { Repository } from '../repository.ts';

/** Saves rows of a repository so many at a time. */
export interface BatchedRows<Row> {
  /** Takes a row, or that there is none of this key; resolves when there is room for more. */
  take(key: string, row: Row | undefined): Promise<void>;
  /** Saves what is left. */
  flush(): Promise<void>;
}

/** @param saved told of each batch when it is in the repository: how many rows were saved, and how many are none any more */
export function batchedRows<Row>(
  repository: Repository<Row>,
  size: number,
  signal: AbortSignal,
  saved: (rows: number, gone: number) => void,
): BatchedRows<Row> {
  let waiting = new Map<string, Row | undefined>();
  let saving: Promise<void> = Promise.resolve();

  /** One batch after the other; after one that failed no more. */
  function flush(): Promise<void> {
    const batch = waiting;
    waiting = new Map();
    saving = saving.then(() => save(batch));
    return saving;
  }

  async function save(batch: ReadonlyMap<string, Row | undefined>): Promise<void> {
    signal.throwIfAborted();
    const rows: [string, Row][] = [];
    const gone: string[] = [];
    for (const [key, row] of batch) {
      if (row === undefined) gone.push(key);
      else rows.push([key, row]);
    }
    if (rows.length > 0) await repository.saveMany(rows);
    // Mostly there never was one, as where nothing has been built before.
    const left = gone.length === 0 ? [] : (await repository.getMany(gone)).keys();
    for (const key of left) await repository.delete(key);
    saved(rows.length, gone.length);
  }

  return {
    async take(key, row) {
      waiting.set(key, row);
      if (waiting.size >= size) await flush();
    },
    flush,
  };
}
