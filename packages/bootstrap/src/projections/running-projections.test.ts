import { type EventReader, runProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { memoryStore } from '@pipit/store/memory';
import { describe, expect, it } from 'vitest';
import { listeningLogger, Post, Published, titles } from '../post.fixture.ts';
import { runProjections } from './running-projections.ts';

/** A store whose following can be cut. */
function cuttable() {
  const store = memoryStore({ name: 'blog', aggregates: [Post] });
  const cut = { now: false };
  const reader: EventReader = {
    name: store.name,
    read: store.read as EventReader['read'],
    position: store.position,
    async *follow(selection) {
      for await (const batch of (store.follow as EventReader['follow'])(selection)) {
        if (cut.now) throw new Error('the connection was cut');
        yield batch;
      }
    },
  };
  return { store, reader, cut };
}

const run = (reader: EventReader, ...projections: ReturnType<typeof titles>[]) =>
  runProjections(projections, (projection) =>
    runProjection(reader, projection, { logger: listeningLogger().logger }),
  );

describe('projections that run', () => {
  it('are late until their rows show the store, and not while they catch up again', async () => {
    const { store, reader, cut } = cuttable();
    const projection = titles();
    const running = run(reader, projection);
    const [one] = running;
    expect(running.late).toEqual([one]);
    await running.caughtUp();
    expect(running.late).toEqual([]);

    cut.now = true;
    await store.append(Post, 'p1', Published.create({ title: 'Hello' }));
    await expect.poll(() => one?.status).toBe('catching-up');
    expect(running.late).toEqual([]);
    cut.now = false;
    await running.waitFor(1);
    await one?.stop();
    expect(running.late).toEqual([one]);
  });

  it('are not late where others write their rows', async () => {
    const { reader } = cuttable();
    const repository = memoryRepository<string>();
    const first = run(reader, titles(repository));
    await first.caughtUp();
    const second = run(reader, titles(repository));
    await expect.poll(() => [...second].map(({ status }) => status)).toEqual(['standby']);
    expect(second.late).toEqual([]);
    for (const one of [...first, ...second]) await one.stop();
  });

  it('are late when one has failed', async () => {
    const { store, reader } = cuttable();
    const fails = {
      ...titles(),
      project: () => {
        throw new RangeError('no');
      },
    };
    const running = run(reader, titles(), fails);
    await running.caughtUp();
    await store.append(Post, 'p1', Published.create({ title: 'Hello' }));
    await expect.poll(() => running.late.map(({ status }) => status)).toEqual(['failed']);
    for (const one of running) await one.stop();
  });
});
