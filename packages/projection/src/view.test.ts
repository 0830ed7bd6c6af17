import { memoryStore } from '@pipit/store/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Post, Registered, Renamed, User } from './blog.fixture.ts';
import { namesProjection } from './names.fixture.ts';
import { ProjectionBehindError, ProjectionFailedError } from './projection-errors.ts';
import { runProjection } from './run/run-projection.ts';
import type { RunningProjection } from './run/running-projection.ts';
import { viewOf } from './view.ts';

const open = () => memoryStore({ name: 'blog', aggregates: [User, Post] });
let store: ReturnType<typeof open>;
const running: RunningProjection[] = [];

beforeEach(() => {
  store = open();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((projection) => projection.stop()));
  await store.close();
});

function run(projection: ReturnType<typeof namesProjection>): RunningProjection {
  const logger = { info() {}, warn() {}, error() {} };
  const started = runProjection(store, projection, { logger });
  running.push(started);
  return started;
}

describe('a view', () => {
  it('shows what was written, to who waits for it', async () => {
    const names = namesProjection();
    run(names);
    const view = viewOf(names);
    for (let n = 0; n < 50; n += 1) {
      const appended = await store.append(User, 'ada', Renamed.create({ name: `${n}` }));
      await view.waitFor(appended);
      expect(await view.get('ada')).toMatchObject({ name: `${n}` });
    }
    await expect.poll(() => view.position()).toBe(50);
    expect(await view.find({ name: '49' })).toHaveLength(1);
    expect((await view.getMany(['ada', 'bob'])).size).toBe(1);
    expect((await view.page({ limit: 5 })).rows).toHaveLength(1);
  });

  it('is waited for also where others build it, or nobody has begun to', async () => {
    const names = namesProjection();
    const view = viewOf(names);
    // As another process would see the same rows.
    const elsewhere = viewOf({ ...names, repository: { ...names.repository } });
    expect(await view.position()).toBe(0);
    const appended = await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    const waiting = [view.waitFor(appended), elsewhere.waitFor(appended)];
    run(names);
    await Promise.all(waiting);
    // Nothing that concerns the view: how far it is gets to others all the same.
    for (let n = 0; n < 3; n += 1)
      await store.append(Post, `p${n}`, { type: 'post-written', data: { authorId: 'ada' } });
    await elsewhere.waitFor(4);
  });

  it('says how far it is when the time is up, and goes on where a run has stopped', async () => {
    const names = namesProjection();
    const view = viewOf(names);
    const first = run(names);
    const { position } = await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    await view.waitFor(position);
    const late = await view.waitFor(9, { timeout: 30 }).catch((error: unknown) => error);
    expect(late).toBeInstanceOf(ProjectionBehindError);
    expect(late).toMatchObject({ projection: 'names', awaited: 9, position: 1, timeout: 30 });
    const waiting = view.waitFor(2);
    await first.stop();
    await store.append(User, 'ada', Renamed.create({ name: 'Ada L.' }));
    run(names);
    await waiting;
  });

  it('fails with the run of this process', async () => {
    const names = namesProjection();
    const broken = {
      ...names,
      project: () => {
        throw new RangeError('no');
      },
    };
    run(broken);
    const waiting = viewOf(broken).waitFor(1);
    await store.append(User, 'ada', Registered.create({ name: 'Ada' }));
    await expect(waiting).rejects.toThrow(ProjectionFailedError);
    await expect(viewOf(broken).waitFor(1)).rejects.toThrow(ProjectionFailedError);
    run(names);
    await viewOf(names).waitFor(1);
  });

  it('refuses to wait for what is no position, or for no time', async () => {
    const names = namesProjection();
    const waits = [viewOf(names).waitFor, run(names).waitFor];
    for (const waitFor of waits) {
      await expect(waitFor(1, { timeout: Number.NaN })).rejects.toMatchObject({ part: 'timeout' });
      await expect(waitFor(Number.NaN)).rejects.toMatchObject({ part: 'position' });
      await expect(waitFor({} as { position: number })).rejects.toMatchObject({ code: 'INVALID_QUERY' });
      await expect(waitFor(1, { timeout: -1 })).rejects.toThrow(ProjectionBehindError);
    }
  });
});
