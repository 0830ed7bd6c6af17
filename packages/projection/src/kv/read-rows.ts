import { pageRequest } from '../query/page-request.ts';
import { pageOf, passes } from '../query/query-rows.ts';
import { rowTests } from '../query/row-test.ts';
import type { ReadRepository } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';
import { isKey } from '../rows/check-key.ts';
import { readDirectory } from './directory.ts';
import type { KvApi } from './kv-api.ts';
import { isMissingBucket } from './kv-failure.ts';
import type { KvView } from './kv-view.ts';
import { loadLatest } from './load-rows.ts';
import { scanRows } from './scan-rows.ts';

export interface ActiveVersion {
  readonly version: number;
  readonly bucket: string;
}

export function readRows<Row>(view: KvView<Row>): ReadRepository<Row> {
  const { name, guard, attempt } = view;
  let known: ActiveVersion | undefined;

  /**
   * Reads rows of the version that is active. It is asked for each time; meanwhile the rows of the one that was active
   * last are read already, which count where it still is.
   */
  function ofActive<T>(none: T, read: (api: KvApi, active: ActiveVersion) => Promise<T>): Promise<T> {
    return attempt(async (api) => {
      for (;;) {
        const guess = known;
        const [asked, early] = await Promise.allSettled([
          activeVersion(api, view),
          guess === undefined ? undefined : read(api, guess),
        ]);
        if (asked.status === 'rejected') throw asked.reason;
        const current = asked.value;
        known = current;
        if (current === undefined) return none;
        if (current.bucket !== guess?.bucket) continue;
        if (early.status === 'fulfilled') return early.value as T;
        if (!isMissingBucket(early.reason)) throw early.reason;
        // It is active and gone only where somebody has deleted it; else another has become active meanwhile.
        if ((await activeVersion(api, view))?.bucket === current.bucket)
          throw new RepositoryError(name, 'failed', early.reason);
      }
    });
  }

  return {
    get: (key) => one(key),
    async getMany(keys) {
      const asked = keys.filter(isKey);
      return await ofActive(new Map<string, Row>(), async (api, { version, bucket }) => {
        const found = await loadLatest(api, bucket, asked);
        const rows = new Map<string, Row>();
        for (const [key, { kept }] of found)
          if (kept.row !== undefined) rows.set(key, guard.out(version, key, kept.row));
        return rows;
      });
    },
    async find(where) {
      const tests = rowTests(name, where);
      return await ofActive<readonly Row[]>([], async (api, { version, bucket }) =>
        (await scanRows(api, bucket))
          .filter(([, row]) => passes(row, tests))
          .map(([key, row]) => guard.out(version, key, row)),
      );
    },
    async page(query = {}) {
      const request = pageRequest(name, query);
      return await ofActive({ rows: [], next: undefined }, async (api, { version, bucket }) => {
        const all = await scanRows(api, bucket);
        const keys = new Map(all.map(([key, row]) => [row, key]));
        const { rows, next } = pageOf(all, request);
        return { rows: rows.map((row) => guard.out(version, keys.get(row) ?? '', row)), next };
      });
    },
  };

  async function one(key: string): Promise<Row | undefined> {
    if (!isKey(key)) return undefined;
    return await ofActive(undefined, async (api, { version, bucket }) => {
      const row = (await loadLatest(api, bucket, [key])).get(key)?.kept.row;
      return row === undefined ? undefined : guard.out(version, key, row);
    });
  }
}

export async function activeVersion<Row>(api: KvApi, view: KvView<Row>): Promise<ActiveVersion | undefined> {
  const { active, versions } = (await readDirectory(api, view))?.value ?? {};
  const bucket = active === undefined ? undefined : versions?.[active]?.bucket;
  return active === undefined || bucket === undefined ? undefined : { version: active, bucket };
}
