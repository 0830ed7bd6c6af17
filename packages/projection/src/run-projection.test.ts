import { memoryStore } from '@pipit/store/memory';
import { UnreadableEventError } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Left, Post, Registered, Renamed, User, Written } from './blog.fixture.ts';
import { defineProjection } from './define-projection.ts';
import type { EventReader } from './event-reader.ts';
import { memoryRepository } from './memory.ts';
import { namesProjection } from './names.fixture.ts';
import { ProjectionBehindError, ProjectionFailedError, ProjectionStoppedError } from './projection-errors.ts';
import { type RunningProjection, type RunOptions, runProjection } from './run-projection.ts';

const open = () => memoryStore({ name: 'blog', aggregates: [User, Post] });
let store: ReturnType<typeof open>;
const running: RunningProjection[] = [];
let logged: [string, Record<string, unknown>][];
const log = (facts: object, message: string) => logged.push([message, { ...facts }]);
const logger = { info: log, warn: log, error: log };

beforeEach(() => {
  store = open();
  logged = [];
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((projection) => projection.stop()));
  await store.close();
});

function run(reader: EventReader, projection: Parameters<typeof runProjection>[1], options: RunOptions = {}) {
  const started = runProjection(reader, projection, { logger, ...options });
  running.push(started);
  return started;
}

describe('a running projection', () => {
  it('catches up with what has happened, then follows', async () => {
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    const names = namesProjection();
    const projection = run(store, names);
    await projection.caughtUp();
    expect(await names.repository.get('ada')).toEqual({ name: 'Ada', changes: 1 });
    const appended = await store.append(User, 'ada', Renamed.create({ name: 'Ada L.' }));
    await projection.waitFor(appended);
    expect(await names.repository.get('ada')).toEqual({ name: 'Ada L.', changes: 2 });
    expect(projection).toMatchObject({ name: 'names', status: 'live', position: 2 });
  });

  it('deletes a row when its function returns none', async () => {
    await store.append(User, 'ada', [Registered.create({ name: 'Ada' }), Left.create({})]);
    const names = namesProjection();
    await run(store, names).caughtUp();
    expect(await names.repository.find()).toEqual([]);
  });

  it('comes out the same when it is run again, and applies nothing twice', async () => {
    for (let n = 0; n < 700; n += 1) await store.append(User, `u${n % 7}`, Renamed.create({ name: `${n}` }));
    const names = namesProjection();
    const first = run(store, names);
    await first.caughtUp();
    const rows = await names.repository.find();
    await first.stop();
    await run(store, names).caughtUp();
    expect(await names.repository.find()).toEqual(rows);
    expect(rows.map(({ changes }) => changes)).toEqual(Array(7).fill(100));
  });

  it('keeps rows by any key', async () => {
    const ids = ['__proto__', 'constructor', 'a.b', '🐦', ' '];
    for (const id of ids) await store.append(User, id, Registered.create({ name: id }));
    const names = namesProjection();
    await run(store, names).caughtUp();
    for (const id of ids) expect(await names.repository.get(id)).toMatchObject({ name: id });
    expect((await names.repository.find({ name: '🐦' })).length).toBe(1);
  });

  it('projects the events that were named, by the key that was given', async () => {
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    for (const id of ['p1', 'p2']) await store.append(Post, id, Written.create({ authorId: 'ada' }));
    const counts = defineProjection({
      name: 'posts-per-author',
      from: [Written],
      key: ({ data }) => data.authorId,
      on: { 'post-written': (row) => ({ posts: (row?.posts ?? 0) + 1 }) },
      into: memoryRepository<{ readonly posts: number }>(),
    });
    await run(store, counts).caughtUp();
    expect(await counts.repository.find()).toEqual([{ posts: 2 }]);
  });
});

describe('waiting for a position', () => {
  it('ends when it has been seen, also where its event is none of the projection', async () => {
    const projection = run(store, namesProjection());
    const appended = await store.append(Post, 'p1', Written.create({ authorId: 'ada' }));
    await projection.waitFor(appended);
    expect(projection.position).toBe(1);
  });

  it('says how far the projection is when the time is up', async () => {
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    const projection = run(store, namesProjection());
    await projection.caughtUp();
    const waiting = projection.waitFor(9, { timeout: 20 });
    await expect(waiting).rejects.toThrow(ProjectionBehindError);
    await expect(waiting).rejects.toMatchObject({
      projection: 'names',
      awaited: 9,
      position: 1,
      timeout: 20,
    });
  });

  it('ends when the projection is stopped, and at once when it has been', async () => {
    const projection = run(store, namesProjection());
    const waiting = expect(projection.waitFor(9)).rejects.toThrow(ProjectionStoppedError);
    await projection.stop();
    await waiting;
    await expect(projection.waitFor(9)).rejects.toThrow(ProjectionStoppedError);
    expect(projection.status).toBe('stopped');
    await projection.closed;
  });

  it('ends with a signal as with stop', async () => {
    const end = new AbortController();
    const projection = run(store, namesProjection(), { signal: end.signal });
    await projection.caughtUp();
    end.abort();
    await projection.closed;
    expect(projection.status).toBe('stopped');
  });
});

describe('a projection that cannot go on', () => {
  it('stops at the event, says which and why, and keeps its rows', async () => {
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    await store.append(User, 'bob', Registered.create({ name: 'Bob' }));
    const fragile = defineProjection({
      name: 'fragile',
      from: [User],
      on: {
        'user-registered': (_, { data }) => {
          if (data.name === 'Bob') throw new RangeError('no Bobs');
          return data;
        },
      },
      into: memoryRepository<{ readonly name: string }>(),
    });
    const projection = run(store, fragile);
    const facts = {
      code: 'PROJECTION_FAILED',
      projection: 'fragile',
      store: 'blog',
      position: 2,
      type: 'user-registered',
    };
    await expect(projection.closed).rejects.toMatchObject(facts);
    await expect(projection.closed).rejects.toThrow(/no Bobs/);
    await expect(projection.waitFor(2)).rejects.toThrow(ProjectionFailedError);
    await expect(projection.caughtUp()).rejects.toThrow(ProjectionFailedError);
    expect(await fragile.repository.get('ada')).toEqual({ name: 'Ada' });
    expect(projection.status).toBe('failed');
    expect(logged.filter(([message]) => message === 'projection failed')).toHaveLength(1);
    await projection.stop();
  });

  it('does not try again what would fail again', async () => {
    let opened = 0;
    const unreadable: EventReader = {
      ...store,
      async *follow() {
        opened += 1;
        yield { events: [], position: 0, caughtUp: true };
        throw new UnreadableEventError({
          stream: 'blog',
          position: 7,
          type: 'user-gone',
          cause: new Error('unknown type'),
        });
      },
    };
    const projection = run(unreadable, namesProjection());
    await expect(projection.closed).rejects.toMatchObject({
      position: 7,
      type: 'user-gone',
      cause: { code: 'UNREADABLE_EVENT' },
    });
    expect(opened).toBe(1);
  });

  it('reads again from where it was when reading fails for a while', async () => {
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    await store.append(User, 'ada', Renamed.create({ name: 'Ada L.' }));
    const from: (number | undefined)[] = [];
    const flaky: EventReader = {
      ...store,
      async *follow(options = {}) {
        from.push(options.fromPosition);
        if (from.length === 1) {
          yield {
            events: await Array.fromAsync(store.read({ aggregate: User, id: 'ada', toRevision: 1 })),
            position: 1,
            caughtUp: false,
          };
        }
        if (from.length < 3) throw new Error('the network is away');
        yield* store.follow({
          ...(options.signal && { signal: options.signal }),
          fromPosition: options.fromPosition ?? 1,
        });
      },
    };
    const names = namesProjection();
    await run(flaky, names).caughtUp();
    expect(await names.repository.get('ada')).toEqual({ name: 'Ada L.', changes: 2 });
    expect(from).toEqual([1, 2, 2]);
    expect(logged.filter(([message]) => message === 'projection reads again')).toHaveLength(2);
  });
});

describe('rows in memory', () => {
  it('cannot be changed by who gets them', async () => {
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    const names = namesProjection();
    await run(store, names).caughtUp();
    const row = (await names.repository.get('ada')) as { name: string };
    expect(() => {
      row.name = 'Eve';
    }).toThrow(TypeError);
    expect(await names.repository.get('ada')).toMatchObject({ name: 'Ada' });
  });
});

describe('a definition that makes no sense is refused', () => {
  const none = (): undefined => undefined;
  const into = memoryRepository<object>();
  it.each([
    ['needs a name', { name: '', from: [User], on: { 'user-left': none }, into }],
    ['has version 0', { name: 'x', version: 0, from: [User], on: { 'user-left': none }, into }],
    ['has no function', { name: 'x', from: [User], on: {}, into }],
    ['not in its sources', { name: 'x', from: [User], on: { 'user-left': none, stranger: none }, into }],
  ])('%s', (reason, spec) => {
    expect(() => defineProjection(spec as never)).toThrow(reason);
  });
});
