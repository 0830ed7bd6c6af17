import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { heldWork } from '../testing/contract-scheduler.ts';
import { testScheduler } from '../testing.ts';
import { createSequentialScheduler } from './sequential-scheduler.ts';

testScheduler('createSequentialScheduler', createSequentialScheduler);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('never runs two tasks at a time, attempts and pauses included', async () => {
  const scheduler = createSequentialScheduler({ logger: { info() {}, warn() {}, error() {} } });
  let running = 0;
  const order: string[] = [];
  const tasks = ['a', 'b', 'c', 'd'].map((name, index) =>
    scheduler.schedule({
      name,
      delay: 10 * index,
      timeout: 20,
      retry: { attempts: 2, pause: 500 },
      async run({ attempt }) {
        running += 1;
        order.push(`${name}${attempt}`);
        expect(running).toBe(1);
        // Longer than it may, and it does not listen.
        await new Promise((resolve) => setTimeout(resolve, index % 2 === 0 ? 100 : 10));
        running -= 1;
      },
    }),
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'c2', 'd1']);
  expect(tasks.map(({ status }) => status.status)).toEqual(['failed', 'succeeded', 'failed', 'succeeded']);
});

it('lets tasks wait for a slot as long as it takes', async () => {
  const scheduler = createSequentialScheduler();
  const work = heldWork();
  scheduler.schedule({ name: 'long', run: work.deaf });
  const next = scheduler.schedule({ name: 'next', run: () => 'done' });
  await vi.advanceTimersByTimeAsync(30 * 86_400_000);
  expect(next.status.status).toBe('waiting');
  work.release('');
  expect(await next.result()).toBe('done');
});

it('goes on with the next when one that is in the queue is cancelled', async () => {
  const scheduler = createSequentialScheduler();
  const work = heldWork();
  scheduler.schedule({ name: 'long', run: work.deaf });
  const [second, third] = ['second', 'third'].map((name) => scheduler.schedule({ name, run: () => name }));
  expect(scheduler.cancel(second?.id ?? '')).toBe(true);
  work.release('');
  expect(await third?.result()).toBe('third');
  expect(second?.status).toMatchObject({ status: 'cancelled', startedAt: undefined });
});

it('refuses to remember nothing', () => {
  const invalid = (option: string) => expect.objectContaining({ code: 'INVALID_SCHEDULER', option });
  expect(() => createSequentialScheduler({ finished: { max: 0 } })).toThrow(invalid('finished.max'));
  expect(() => createSequentialScheduler({ finished: { ttl: -1 } })).toThrow(invalid('finished.ttl'));
});
