import { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { memoryRepository } from '../memory.ts';
import type { PageQuery, Repository, Where } from '../repository.ts';
import { pgliteDatabase } from './pglite-database.ts';
import { postgresRepository } from './postgres-repository.ts';

let pglite: PGlite;

beforeAll(async () => {
  pglite = await PGlite.create();
});

afterAll(() => pglite?.close());

/** Fields of any type, also such as no schema would allow side by side: old rows may have them. */
type Row = Readonly<Record<string, string | number | boolean | null>>;
const row = z.custom<Row>((value) => typeof value === 'object');

const text = fc.constantFrom(
  '',
  'a',
  'A',
  'b',
  'ab',
  'é',
  'e\u0301',
  '｡',
  '\uffff',
  '🐦',
  '10',
  '9',
  "'",
  'null',
);
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 2, 10, -1.5, 1e21, 5e-324, 0.1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const field = fc.constantFrom('x', 'y');
const rows = fc.uniqueArray(
  fc.tuple(
    text.map((key) => `k${key}`),
    fc.dictionary(field, value),
  ),
  {
    selector: ([key]) => key,
    maxLength: 12,
  },
);
const kinds = ['atLeast', 'above', 'atMost', 'below'];
const range = <Value>(of: fc.Arbitrary<Value>) =>
  fc.dictionary(fc.constantFrom(...kinds), of, { minKeys: 1 });
const condition = fc.oneof(
  value,
  fc.record({ in: fc.array(value, { maxLength: 4 }) }),
  range(text),
  range(number),
);
const where = fc.dictionary(field, condition, { maxKeys: 2 }) as fc.Arbitrary<unknown> as fc.Arbitrary<
  Where<Row>
>;
const query = fc.record(
  {
    where,
    orderBy: field,
    direction: fc.constantFrom('ascending' as const, 'descending' as const),
    limit: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<PageQuery<Row>>;

async function allPages(repository: Repository<Row>, asked: PageQuery<Row>): Promise<unknown[]> {
  const pages: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await repository.page({ ...asked, ...(after !== undefined && { after }) });
    pages.push(page.rows);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

/** JSON does not tell `-0` from `0`. */
const plain = (found: unknown) => JSON.parse(JSON.stringify(found));

it('PostgreSQL finds, sorts and pages as memory does', async () => {
  let view = 0;
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.array(where, { maxLength: 3 }),
      fc.array(query, { maxLength: 3 }),
      async (all, finds, pages) => {
        const memory = memoryRepository<Row>();
        view += 1;
        const database = postgresRepository<Row>({ db: pgliteDatabase(pglite), name: `same ${view}`, row });
        await memory.saveMany(all);
        await database.saveMany(all);
        for (const one of finds)
          expect(plain(await database.find(one))).toEqual(plain(await memory.find(one)));
        for (const one of pages)
          expect(plain(await allPages(database, one))).toEqual(plain(await allPages(memory, one)));
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);
