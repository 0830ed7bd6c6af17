import type { ZodType } from 'zod';
import { pageRequest } from '../query/page-request.ts';
import { type KeyedRow, pageOf, passes } from '../query/query-rows.ts';
import { rowTests } from '../query/row-test.ts';
import type { Repository } from '../repository.ts';
import { checkKey } from '../rows/check-key.ts';
import { isUnfreezable, outOfReach } from '../rows/out-of-reach.ts';
import { rowGuard } from '../rows/row-guard.ts';
import { memoryVersions } from './memory-versions.ts';

export interface MemoryRepositoryOptions<Row> {
  /** Default: `memory`. */
  readonly name?: string;
  /** What every row has to fit. Default: anything. */
  readonly row?: ZodType<Row>;
}

/**
 * Rows in the process's memory. Beyond JSON they may hold dates, maps, sets and bytes. They are frozen when they are
 * saved, so that they can be handed out without a copy and nobody changes them behind the projection's back; what cannot
 * be frozen is copied.
 */
export function memoryRepository<Row>(options: MemoryRepositoryOptions<Row> = {}): Repository<Row> {
  const { name = 'memory', row: schema } = options;
  const checked = rowGuard(name, schema, isUnfreezable);
  const guard: typeof checked = {
    in: (version, key, row) => outOfReach(checked.in(version, key, row)),
    // It fitted when it was saved and cannot have changed since.
    out: (_, __, kept) => outOfReach(kept as Row),
  };
  const { active, requireActive, ...versions } = memoryVersions(name, guard);

  function* rows(): Iterable<KeyedRow<Row>> {
    yield* active()?.rows() ?? [];
  }

  function saveAll(entries: Iterable<readonly [string, Row]>): void {
    const kept = Array.from(entries, ([key, row]) => {
      checkKey(name, key);
      return [key, guard.in(undefined, key, row)] as const;
    });
    const version = requireActive();
    const now = new Date();
    for (const [key, row] of kept) {
      const before = version.get(key);
      version.set(key, {
        row,
        position: before?.position ?? 0,
        createdAt: before?.createdAt ?? now,
        updatedAt: now,
        revision: undefined,
      });
    }
  }

  return {
    name,
    versions,
    async get(key) {
      const kept = active()?.get(key);
      return kept === undefined ? undefined : outOfReach(kept.row);
    },
    async getMany(keys) {
      const version = active();
      const found = new Map<string, Row>();
      for (const key of keys) {
        const kept = version?.get(key);
        if (kept !== undefined) found.set(key, outOfReach(kept.row));
      }
      return found;
    },
    async find(where) {
      const tests = rowTests(name, where);
      const found: Row[] = [];
      for (const [, row] of rows()) if (passes(row, tests)) found.push(outOfReach(row));
      return found;
    },
    async page(query = {}) {
      const page = pageOf(rows(), pageRequest(name, query));
      return { ...page, rows: page.rows.map(outOfReach) };
    },
    save: async (key, row) => saveAll([[key, row]]),
    saveMany: async (entries) => saveAll(entries),
    async delete(key) {
      active()?.delete(key);
    },
  };
}
