import { defineAggregate } from '@pipit/store';
import { memoryStore } from '@pipit/store/memory';
import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Left, Post, Registered, Renamed, User, Written } from '../blog.fixture.ts';
import { run, store, storeForEachTest } from '../blog-store.fixture.ts';
import { defineProjection } from '../define-projection.ts';
import { memoryRepository } from '../memory.ts';
import { namesProjection } from '../names.fixture.ts';
import { ProjectionBehindError, ProjectionStoppedError } from '../projection-errors.ts';

storeForEachTest();

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

  it('goes on where it was when it is run again, and applies nothing twice', async () => {
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

  it('does not run into rows that are another projection’s', async () => {
    const names = namesProjection();
    await run(store, names).caughtUp();
    const second = run(store, { ...names, name: 'second' });
    await expect(second.closed).rejects.toMatchObject({
      code: 'PROJECTION_FAILED',
      cause: { code: 'SOURCE_MISMATCH', actual: 'projection names of store blog' },
    });
  });

  it('waits while another one of the same process takes in events, and goes on where that one has stopped', async () => {
    for (let n = 0; n < 100; n += 1) await store.append(User, 'ada', Renamed.create({ name: `${n}` }));
    const names = namesProjection();
    const first = run(store, names);
    await first.caughtUp();
    const second = run(store, names, { lease: 300 });
    await expect.poll(() => second.status).toBe('standby');
    await second.caughtUp();
    await first.stop();
    await store.append(User, 'ada', Renamed.create({ name: 'last' }));
    await second.caughtUp();
    expect(await names.repository.get('ada')).toEqual({ name: 'last', changes: 101 });
    expect([second.status, second.shards]).toEqual(['live', [0]]);
  });

  it('leaves the rows alone when it is stopped before it begins', async () => {
    const names = namesProjection();
    await names.repository.save('ada', { name: 'Ada', changes: 1 });
    await run(store, names, { signal: AbortSignal.abort() }).closed;
    expect(await names.repository.find()).toHaveLength(1);
  });

  it('leaves out an event of the same name that belongs to another aggregate', async () => {
    const Tagged = defineEvent('tagged', z.object({}));
    const evolve = { tagged: () => ({}) };
    const Photo = defineAggregate('photo', { events: [Tagged], initial: {}, evolve });
    const Song = defineAggregate('song', { events: [Tagged], initial: {}, evolve });
    const album = memoryStore({ name: 'album', aggregates: [Photo, Song, User] });
    await album.append(Song, 's1', Tagged.create({}));
    await album.append(Photo, 'p1', Tagged.create({}));
    const tagged = defineProjection({
      name: 'tagged',
      from: [Photo, Registered],
      on: { tagged: (_, { aggregate }) => aggregate.id, 'user-registered': () => 'user' },
      into: memoryRepository<string>(),
    });
    await run(album, tagged).caughtUp();
    expect(await tagged.repository.find()).toEqual(['p1']);
    await album.close();
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

  it('ends in time, and with the projection, also while the reader does not say where the log ends', async () => {
    const silent = { ...store, position: () => new Promise<number>(() => undefined) };
    const projection = run(silent, namesProjection());
    await projection.waitFor(0);
    await expect(projection.caughtUp({ timeout: 20 })).rejects.toMatchObject({
      code: 'PROJECTION_BEHIND',
      awaited: undefined,
    });
    const waiting = expect(projection.caughtUp()).rejects.toThrow(ProjectionStoppedError);
    await projection.stop();
    await waiting;
  });

  it('takes as long as it takes when the timeout is more than a timer can hold', async () => {
    const projection = run(store, namesProjection());
    const waiting = projection.waitFor(1, { timeout: Number.MAX_SAFE_INTEGER });
    await expect(projection.waitFor(1, { timeout: 20 })).rejects.toThrow(ProjectionBehindError);
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    await waiting;
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
