import type { Repository } from '../repository.ts';
import { checkKey, isKey } from '../rows/check-key.ts';
import { encodeRow } from './kept-row.ts';
import { RowsChangedError } from './kv-failure.ts';
import type { KvView } from './kv-view.ts';
import { loadLatest } from './load-rows.ts';
import { activeVersion } from './read-rows.ts';
import { batches, rowWrite } from './row-writes.ts';
import { ensureVersion } from './versions.ts';
import { writeBatch } from './write-batch.ts';

type Saving<Row> = Pick<Repository<Row>, 'save' | 'saveMany' | 'delete'>;

/** Rows that are saved by hand: what is in the way of another's write is loaded and written again. */
export function saveRows<Row>(view: KvView<Row>): Saving<Row> {
  const { name, guard, attempt } = view;

  /** @param rows by key, as JSON; `undefined` for those that are to be gone */
  async function put(rows: ReadonlyMap<string, string | undefined>): Promise<void> {
    await attempt(async (api) => {
      const active = await activeVersion(api, view);
      if (active === undefined) return;
      const before = await loadLatest(api, active.bucket, rows.keys());
      const now = Date.now();
      const writes = Array.from(rows).flatMap(([key, row]) => {
        const { kept, revision = 0 } = before.get(key) ?? {};
        if (row === undefined && kept?.row === undefined) return [];
        const createdAt = kept?.row === undefined ? now : kept.createdAt;
        const body = encodeRow(kept?.position ?? 0, createdAt, now, row);
        return [rowWrite(view, key, body, revision)];
      });
      for (const batch of batches(writes, 0)) {
        if (batch.length === 0) continue;
        if ((await writeBatch(api, active.bucket, batch)) === undefined) throw new RowsChangedError(name);
      }
    });
  }

  async function saveAll(entries: Iterable<readonly [string, Row]>): Promise<void> {
    const rows = new Map<string, string>();
    for (const [key, row] of entries) {
      checkKey(name, key);
      rows.set(key, JSON.stringify(guard.in(undefined, key, row)));
    }
    if (!(await attempt((api) => activeVersion(api, view)))) await ensureVersion(view, 1, { shards: 1 });
    await put(rows);
  }

  return {
    save: (key, row) => saveAll([[key, row]]),
    saveMany: (rows) => saveAll(rows),
    async delete(key) {
      if (isKey(key)) await put(new Map([[key, undefined]]));
    },
  };
}
