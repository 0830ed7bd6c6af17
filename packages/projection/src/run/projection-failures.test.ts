import { UnreadableEventError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { Registered, Renamed, User } from '../blog.fixture.ts';
import { logged, run, store, storeForEachTest } from '../blog-store.fixture.ts';
import { defineProjection } from '../define-projection.ts';
import type { EventReader } from '../event-reader.ts';
import { memoryRepository } from '../memory.ts';
import { namesProjection } from '../names.fixture.ts';
import { ProjectionFailedError } from '../projection-errors.ts';
import { contractLog, counted } from '../testing/contract-log.ts';
import { contractProjection } from '../testing/contract-projection.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import { unreliableRepository } from '../testing/unreliable-repository.ts';
import { runProjection } from './run-projection.ts';

storeForEachTest();

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
        yield { events: [], position: 0, caughtUp: true, skipped: 0 };
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
            skipped: 0,
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

  it('is logged as a process warning where there is no logger, and ends no process that does not look', async () => {
    const warned: Error[] = [];
    const onWarning = (warning: Error) => {
      if (warning.name === 'PipitWarning') warned.push(warning);
    };
    process.on('warning', onWarning);
    const broken: EventReader = {
      ...store,
      follow: () => {
        throw new UnreadableEventError({ stream: 'blog', position: 7, type: 'user-gone', cause: 'gone' });
      },
    };
    runProjection(broken, namesProjection());
    await expect.poll(() => warned).toHaveLength(1);
    process.off('warning', onWarning);
    expect(warned[0]?.message).toContain('user-gone');
  });

  it('is none that only its logger has', async () => {
    const fail = () => {
      throw new Error('disk full');
    };
    let opened = 0;
    const flaky: EventReader = {
      ...store,
      follow(options) {
        opened += 1;
        if (opened === 1) throw new Error('the network is away');
        return store.follow({ ...(options?.signal && { signal: options.signal }) });
      },
    };
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    const projection = run(flaky, namesProjection(), { logger: { info: fail, warn: fail, error: fail } });
    await projection.caughtUp();
    expect([opened, projection.status]).toEqual([2, 'live']);
  });

  it('fails when its repository does', async () => {
    const names = namesProjection();
    const repository = {
      ...names.repository,
      versions: { ...names.repository.versions, open: () => Promise.reject(new RangeError('disk full')) },
    };
    const projection = run(store, { ...names, repository });
    await expect(projection.waitFor(1)).rejects.toThrow(/disk full\. Its rows/);
    await expect(projection.closed).rejects.toMatchObject({ position: undefined, type: undefined });
  });

  it('is not live while it cannot read, and does not spin when following just ends', async () => {
    let opened = 0;
    const away = Promise.withResolvers<void>();
    const ending: EventReader = {
      ...store,
      async *follow(options = {}) {
        opened += 1;
        if (opened === 1) {
          yield { events: [], position: 0, caughtUp: true, skipped: 0 };
          return;
        }
        await away.promise;
        yield* store.follow({ ...(options.signal && { signal: options.signal }) });
      },
    };
    const projection = run(ending, namesProjection());
    await expect.poll(() => opened).toBe(2);
    expect(projection.status).toBe('catching-up');
    expect(logged.filter(([message]) => message === 'projection reads again')).toHaveLength(1);
    away.resolve();
    await expect.poll(() => projection.status).toBe('live');
  });

  it('is not live while it cannot write', async () => {
    let isAway = false;
    const names = namesProjection();
    const repository = unreliableRepository(names.repository, (call) =>
      isAway && call === 'write' ? 'refuse' : undefined,
    );
    const projection = run(store, { ...names, repository });
    await projection.caughtUp();
    await expect.poll(() => projection.status).toBe('live');
    isAway = true;
    const appended = await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    await expect.poll(() => projection.status).toBe('catching-up');
    isAway = false;
    await projection.waitFor(appended);
    await expect.poll(() => projection.status).toBe('live');
  });

  it('does not read on where the log is a shorter one after a failure', async () => {
    let log = contractLog();
    log.append(...[1, 2, 3].map((position) => counted(position, ['a'])));
    const away = Promise.withResolvers<never>();
    const replaced: EventReader = {
      ...log,
      async *follow(options) {
        const batches = log.follow(options)[Symbol.asyncIterator]();
        for (;;) {
          const batch = await Promise.race([batches.next(), away.promise]);
          if (batch.done === true) return;
          yield batch.value;
        }
      },
      position: () => log.position(),
    };
    const projection = run(replaced, contractProjection(memoryRepository<ContractRow>()));
    await projection.caughtUp();
    log = contractLog();
    log.append(counted(1, ['a']));
    away.reject(new Error('its stream was replaced by another one'));
    await expect(projection.closed).rejects.toMatchObject({
      cause: { code: 'CHECKPOINT_AHEAD', checkpoint: 3, position: 1 },
    });
  });

  it('ends when its store is closed', async () => {
    const projection = run(store, namesProjection());
    await projection.caughtUp();
    await store.close();
    await expect(projection.closed).rejects.toThrow(/is closed/);
  });

  it.each(['before', 'after'])(
    'can be stopped where its repository never answers, %s it is begun',
    async (when) => {
      const names = namesProjection();
      const stopping = new AbortController();
      if (when === 'before') stopping.abort();
      const list = () => new Promise<never>(() => {});
      const repository = { ...names.repository, versions: { ...names.repository.versions, list } };
      const projection = run(store, { ...names, repository }, { signal: stopping.signal });
      await projection.stop();
      expect(projection.status).toBe('stopped');
    },
  );
});
