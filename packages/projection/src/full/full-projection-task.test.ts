import { memoryStore } from '@pipit/store/memory';
import { expect, expectTypeOf, it } from 'vitest';
import { Post, Registered, User } from '../blog.fixture.ts';
import { namesProjection } from '../names.fixture.ts';
import { createSequentialScheduler } from '../scheduler.ts';
import type { FullProjectionProgress } from './full-projection-progress.ts';
import { fullProjectionTask } from './full-projection-task.ts';

async function withUsers(count: number) {
  const store = memoryStore({ name: 'blog', aggregates: [User, Post] });
  for (let index = 0; index < count; index += 1)
    await store.append(User, `u${index}`, Registered.create({ name: 'ada' }));
  return store;
}

it('is run by a scheduler, and tells how far it is', async () => {
  const names = namesProjection();
  const seen: (number | undefined)[] = [];
  const onProgress = () => void seen.push(task.progress()?.done);
  const task = fullProjectionTask(await withUsers(25), names, { batch: 10, onProgress });
  expect(task.progress()).toBeUndefined();
  const scheduler = createSequentialScheduler();
  const scheduled = scheduler.schedule({ ...task, delay: 1 });
  expectTypeOf(scheduled.result()).toEqualTypeOf<Promise<FullProjectionProgress>>();
  expect(await scheduled.result()).toMatchObject({ done: 25, of: 25 });
  expect(seen).toEqual([10, 20, 25]);
  expect(scheduled.name).toBe('full projection names');
  expect(await names.repository.find()).toHaveLength(25);
  await scheduler.close();
});

it('ends when it is cancelled, and what it has saved stays', async () => {
  const names = namesProjection();
  const scheduler = createSequentialScheduler();
  const onProgress = () => void scheduler.cancel(scheduled.id);
  const task = fullProjectionTask(await withUsers(25), names, { batch: 10, onProgress });
  const scheduled = scheduler.schedule(task);
  await expect(scheduled.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  expect(await names.repository.find()).toHaveLength(10);
  expect(task.progress()).toMatchObject({ done: 10 });
  await scheduler.close();
});
