import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heldWork } from '../testing/contract-scheduler.ts';
import { testScheduler } from '../testing.ts';
import { createConcurrentScheduler } from './concurrent-scheduler.ts';

testScheduler('createConcurrentScheduler with one slot', (options) =>
  createConcurrentScheduler({ max: 1, ...options }),
);
testScheduler('createConcurrentScheduler with many slots', (options) =>
  createConcurrentScheduler({ max: 8, slotTimeout: 1_000, ...options }),
);

const logger = { info() {}, warn() {}, error() {} };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('runs at most so many tasks at once, and starts the next as soon as one ends', async () => {
  const scheduler = createConcurrentScheduler({ max: 3, slotTimeout: 10_000 });
  let running = 0;
  let most = 0;
  const tasks = Array.from({ length: 20 }, (_, index) =>
    scheduler.schedule({
      name: `task ${index}`,
      async run() {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 100));
        running -= 1;
        return index;
      },
    }),
  );
  await vi.advanceTimersByTimeAsync(700);
  expect(most).toBe(3);
  expect(await Promise.all(tasks.map((task) => task.result()))).toEqual(tasks.keys().toArray());
});

it('expires a task that has waited too long for a slot, which is never begun', async () => {
  const scheduler = createConcurrentScheduler({ max: 1, slotTimeout: 1_000, logger });
  const work = heldWork();
  scheduler.schedule({ name: 'long', run: work.deaf });
  await vi.advanceTimersByTimeAsync(10);
  const run = vi.fn();
  const task = scheduler.schedule({ name: 'next', run });
  await vi.advanceTimersByTimeAsync(999);
  expect(task.status.status).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1);
  expect(task.status).toMatchObject({ status: 'expired', startedAt: undefined, attempts: 0 });
  await expect(task.result()).rejects.toMatchObject({ code: 'TASK_EXPIRED', slotTimeout: 1_000 });
  work.release('');
  await vi.advanceTimersByTimeAsync(10);
  expect(run).not.toHaveBeenCalled();
  expect(scheduler.cancel(task.id)).toBe(false);
});

it('counts only the time in which a task is due', async () => {
  const scheduler = createConcurrentScheduler({ max: 1, slotTimeout: 1_000, logger });
  const work = heldWork();
  scheduler.schedule({ name: 'long', run: work.deaf });
  const task = scheduler.schedule({ name: 'delayed', delay: 5_000, run: () => 'done' });
  await vi.advanceTimersByTimeAsync(5_500);
  work.release('');
  expect(await task.result()).toBe('done');
});

it('starts at once or never, where nothing may wait', async () => {
  const scheduler = createConcurrentScheduler({ max: 2, slotTimeout: 0, logger });
  const tasks = ['a', 'b', 'c'].map((name) => scheduler.schedule({ name, run: () => name }));
  await vi.advanceTimersByTimeAsync(1);
  expect(tasks.map(({ status }) => status.status)).toEqual(['succeeded', 'succeeded', 'expired']);
});

it('goes on with a periodic task whose run has expired', async () => {
  vi.setSystemTime('2026-01-01T00:00:30Z');
  const scheduler = createConcurrentScheduler({ max: 1, slotTimeout: 1_000, logger });
  const work = heldWork();
  scheduler.schedule({ name: 'long', run: work.deaf });
  const task = scheduler.schedule({ name: 'sweep', cron: '* * * * *', run: () => 'swept' });
  await vi.advanceTimersByTimeAsync(32_000);
  const lastRun = { status: 'expired', startedAt: undefined };
  expect(task.status).toMatchObject({ status: 'waiting', periodic: { runs: 1, skipped: 0, lastRun } });
  work.release('');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(task.status.periodic).toMatchObject({ runs: 2, lastRun: { status: 'succeeded' } });
});

it('expires many tasks at once', async () => {
  const scheduler = createConcurrentScheduler({ max: 1, slotTimeout: 10, logger, finished: { max: 50_000 } });
  scheduler.schedule({ name: 'long', run: heldWork().deaf });
  for (let index = 0; index < 20_000; index += 1) scheduler.schedule({ name: 'next', run: () => {} });
  await vi.advanceTimersByTimeAsync(10);
  expect(scheduler.list().filter(({ status }) => status === 'expired')).toHaveLength(20_000);
});

it('refuses slots that make no sense', () => {
  const invalid = (option: string) => expect.objectContaining({ code: 'INVALID_SCHEDULER', option });
  for (const max of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => createConcurrentScheduler({ max })).toThrow(invalid('max'));
  for (const slotTimeout of [-1, Number.NaN])
    expect(() => createConcurrentScheduler({ max: 1, slotTimeout })).toThrow(invalid('slotTimeout'));
});

it('expires a task also where another kept the process busy when its time was up', async () => {
  const scheduler = createConcurrentScheduler({ max: 1, slotTimeout: 50, logger });
  scheduler.schedule({
    name: 'busy',
    run: () => {
      vi.setSystemTime(Date.now() + 300);
    },
  });
  const run = vi.fn();
  const late = scheduler.schedule({ name: 'late', run });
  const result = expect(late.result()).rejects.toMatchObject({ code: 'TASK_EXPIRED' });
  await vi.advanceTimersByTimeAsync(0);
  await result;
  expect(run).not.toHaveBeenCalled();
});
