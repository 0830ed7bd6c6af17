import { memoryStore } from '@pipit/store/memory';
import type { LogFacts } from '@pipit/types-registry';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { Left, Post, Registered, Renamed, User, Written } from '../blog.fixture.ts';
import { defineProjection } from '../define-projection.ts';
import { memoryRepository } from '../memory.ts';
import { type NameView, namesProjection } from '../names.fixture.ts';
import type { Repository } from '../repository.ts';
import { runProjection } from '../run/run-projection.ts';
import { runFullProjection } from './run-full-projection.ts';

const open = () => memoryStore({ name: 'blog', aggregates: [User, Post] });
type Store = ReturnType<typeof open>;

const registered = Registered.create({ name: 'ada' });
const renamed = (name: string) => Renamed.create({ name });

/** So many users, named by their ids, and posts beside them. */
async function withUsers(count: number): Promise<Store> {
  const store = open();
  for (let index = 0; index < count; index += 1) {
    await store.append(User, `u${index}`, [registered, renamed(`user ${index}`)]);
    await store.append(Post, `u${index}`, Written.create({ authorId: 'ada' }));
  }
  return store;
}

/** A repository that keeps what it was asked to save at a time. */
function watched<Row>(repository: Repository<Row>) {
  const batches: number[] = [];
  const saveMany: Repository<Row>['saveMany'] = async (rows) => {
    const list = [...rows];
    batches.push(list.length);
    await repository.saveMany(list);
  };
  return { batches, repository: { ...repository, saveMany } };
}

it('makes every row of all events of its aggregate, in batches, and says how far it is', async () => {
  const store = await withUsers(25);
  await store.append(User, 'gone', [registered, Left.create({})]);
  const names = namesProjection();
  const { repository, batches } = watched(names.repository);
  const onProgress = vi.fn();
  const done = await runFullProjection(store, { ...names, repository }, { batch: 10, onProgress });
  expect(await repository.find()).toHaveLength(25);
  expect(await repository.get('u7')).toEqual({ name: 'user 7', changes: 2 });
  expect(batches.reduce((sum, size) => sum + size, 0)).toBe(25);
  expect(Math.max(...batches)).toBeLessThanOrEqual(10);
  expect(done).toMatchObject({ done: 26, of: 26, saved: 25, gone: 1, skipped: 0, events: 52, unreadable: 0 });
  expect(done.rate).toBeGreaterThan(0);
  expect(onProgress.mock.calls.map(([{ done, of }]) => [done, of])).toEqual([
    [10, 26],
    [20, 26],
    [26, 26],
  ]);
});

it('projects only the last event of each aggregate in mode latest', async () => {
  const store = await withUsers(25);
  await store.append(User, 'gone', [registered, Left.create({})]);
  await store.append(User, 'u3', renamed('last'));
  const { repository } = namesProjection();
  const lastNames = defineProjection({
    name: 'last names',
    from: [User],
    on: { 'user-renamed': (row, { data }) => ({ name: data.name, changes: (row?.changes ?? 0) + 1 }) },
    into: repository,
  });
  const done = await runFullProjection(store, lastNames, { mode: 'latest', batch: 10 });
  expect(await repository.find()).toHaveLength(25);
  expect(await repository.get('u3')).toEqual({ name: 'last', changes: 1 });
  expect(done).toMatchObject({ done: 26, of: 26, saved: 25, gone: 0, skipped: 1, events: 25 });
});

it('skips aggregates without an event that it is made of', async () => {
  const store = open();
  await store.append(User, 'a', registered);
  await store.append(User, 'b', renamed('bob'));
  const repository = memoryRepository<NameView>();
  const into = { name: 'renamed', from: [User], into: repository };
  const renames = defineProjection({
    ...into,
    on: { 'user-renamed': (_, { data }) => ({ name: data.name, changes: 1 }) },
  });
  const project = vi.spyOn(renames, 'project');
  expect(await runFullProjection(store, renames)).toMatchObject({ done: 2, saved: 1, skipped: 1 });
  expect(project).toHaveBeenCalledOnce();
  expect(await repository.get('a')).toBeUndefined();
});

it('deletes the row of an aggregate whose events leave none any more, and leaves other rows alone', async () => {
  const store = open();
  const { repository, ...names } = namesProjection();
  await repository.save('a', { name: 'old', changes: 1 });
  await repository.save('stranger', { name: 'other', changes: 1 });
  await store.append(User, 'a', [registered, Left.create({})]);
  expect(await runFullProjection(store, { ...names, repository })).toMatchObject({ saved: 0, gone: 1 });
  expect(await repository.find()).toEqual([{ name: 'other', changes: 1 }]);
});

it('comes out as the fold of each aggregate, over any history, and the same when it runs again', async () => {
  const event = fc.oneof(fc.constant(registered), fc.string().map(renamed), fc.constant(Left.create({})));
  const append = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd.e', '🐦'), event });
  const property = fc.asyncProperty(
    fc.array(append),
    fc.integer({ min: 1, max: 4 }),
    async (appends, size) => {
      const store = open();
      const expected = new Map<string, NameView | undefined>();
      const names = namesProjection();
      for (const { id, event } of appends) {
        const { events } = await store.append(User, id, event);
        for (const recorded of events) expected.set(id, names.project(expected.get(id), recorded, id));
      }
      const rows = async () => names.repository.getMany([...expected.keys()]);
      const present = new Map([...expected].filter(([, row]) => row !== undefined));
      for (let run = 0; run < 2; run += 1) {
        await runFullProjection(store, names, { concurrency: size, batch: size });
        expect(await rows()).toEqual(present);
      }
    },
  );
  await fc.assert(property, { numRuns: 50 });
});

it('stops at a function that throws, and says where and what was saved before', async () => {
  const store = await withUsers(30);
  const names = namesProjection();
  const cause = new RangeError('no such name');
  const project: typeof names.project = (row, event, key) => {
    if (event.position === 62) throw cause;
    return names.project(row, event, key);
  };
  const run = runFullProjection(store, { ...names, project }, { batch: 5, concurrency: 4 });
  const place = { aggregate: { type: 'user', id: 'u20' }, position: 62, type: 'user-renamed', store: 'blog' };
  const error = await run.catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'FULL_PROJECTION_FAILED', projection: 'names', ...place, cause });
  const rows = await names.repository.find();
  expect(error).toMatchObject({ saved: rows.length });
  expect(rows.length).toBeGreaterThan(0);
  // Nothing half: what is there shows both events of its aggregate.
  expect(rows.filter(({ changes }) => changes !== 2)).toEqual([]);
});

it('stops where rows cannot be saved, and saves no more', async () => {
  const store = await withUsers(30);
  const names = namesProjection();
  const cause = new Error('the disk is full');
  let saves = 0;
  const saveMany: typeof names.repository.saveMany = async (rows) => {
    saves += 1;
    if (saves > 2) throw cause;
    await names.repository.saveMany(rows);
  };
  const projection = { ...names, repository: { ...names.repository, saveMany } };
  for (const mode of ['every', 'latest'] as const) {
    saves = 0;
    const failed = { code: 'FULL_PROJECTION_FAILED', saved: 10, aggregate: undefined, cause };
    const run = runFullProjection(store, projection, { mode, batch: 5, concurrency: 8 });
    await expect(run).rejects.toMatchObject(failed);
    expect(saves).toBe(3);
  }
});

it.each(['every', 'latest'] as const)('ends with the reason of its signal, in mode %s', async (mode) => {
  const store = await withUsers(30);
  const names = namesProjection();
  const reason = new Error('enough');
  const end = new AbortController();
  const onProgress = () => end.abort(reason);
  const run = runFullProjection(store, names, { mode, batch: 5, signal: end.signal, onProgress });
  await expect(run).rejects.toBe(reason);
  expect(await names.repository.find()).toHaveLength(5);
  const late = runFullProjection(store, names, { mode, signal: AbortSignal.abort(reason) });
  await expect(late).rejects.toBe(reason);
});

it('reads no more aggregates at a time than it was told', async () => {
  const store = await withUsers(30);
  let open = 0;
  let most = 0;
  const reader: Store = {
    ...store,
    read(selection) {
      const events = store.read(selection);
      return Object.assign(
        (async function* () {
          open += 1;
          most = Math.max(most, open);
          yield* events;
          open -= 1;
        })(),
        { skipped: 0 },
      ) as never;
    },
  };
  await runFullProjection(reader, namesProjection(), { concurrency: 3 });
  expect(most).toBe(3);
});

it('is done at once where there are no aggregates', async () => {
  expect(await runFullProjection(open(), namesProjection())).toMatchObject({ done: 0, of: 0, rate: 0 });
});

it('goes on where it cannot find out how many there are', async () => {
  const store = await withUsers(3);
  const warnings: LogFacts[] = [];
  const warn = (facts: LogFacts) => void warnings.push(facts);
  const reader = { ...store, count: () => Promise.reject(new Error('too many')) };
  const logger = { info() {}, warn, error() {} };
  const onProgress = vi.fn();
  const done = await runFullProjection(reader, namesProjection(), { logger, onProgress });
  expect(onProgress).toHaveBeenCalledWith(expect.objectContaining({ done: 3, of: undefined }));
  expect(done).toMatchObject({ done: 3, of: 3 });
  expect(warnings).toMatchObject([{ projection: 'names', err: new Error('too many') }]);
});

it('refuses projections that are not one row per aggregate of one type, and settings that make no sense', async () => {
  const store = open();
  const into = memoryRepository<{ readonly authorId: string }>();
  const on = { 'post-written': (_: unknown, { data }: { readonly data: { authorId: string } }) => data };
  const refused = { code: 'FULL_PROJECTION_REFUSED', projection: 'p' };
  const named = defineProjection({ name: 'p', from: [Written], on, into });
  const keyed = defineProjection({ name: 'p', from: [Post], key: ({ data }) => data.authorId, on, into });
  const several = defineProjection({ name: 'p', from: [User, Post], on, into });
  for (const projection of [named, keyed, several])
    await expect(runFullProjection(store, projection)).rejects.toMatchObject(refused);
  const posts = defineProjection({ name: 'p', from: [Post], on, into });
  for (const options of [{ concurrency: 0 }, { batch: 0.5 }])
    await expect(runFullProjection(store, posts, options)).rejects.toMatchObject(refused);
});

it('refuses a repository whose rows a running projection keeps, and is refused to one itself', async () => {
  const store = open();
  const logger = { info() {}, warn() {}, error() {} };
  const live = namesProjection();
  const running = runProjection(store, live, { logger });
  await running.caughtUp();
  await expect(runFullProjection(store, live)).rejects.toMatchObject({
    code: 'FULL_PROJECTION_REFUSED',
    cause: { actual: 'projection names of store blog' },
  });
  await running.stop();

  const full = namesProjection();
  await runFullProjection(store, full);
  await runFullProjection(store, full);
  const refused = runProjection(store, full, { logger });
  await expect(refused.closed).rejects.toMatchObject({
    cause: { code: 'SOURCE_MISMATCH', actual: 'full projections of store blog' },
  });
});
