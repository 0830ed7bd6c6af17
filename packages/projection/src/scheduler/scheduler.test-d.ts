import { expectTypeOf, test } from 'vitest';
import { createSequentialScheduler } from '../scheduler.ts';
import type { ScheduledTask } from './scheduler.ts';

const scheduler = createSequentialScheduler();

test('the result is inferred from what runs', () => {
  expectTypeOf(scheduler.schedule({ name: 'a', run: () => 1 })).toEqualTypeOf<ScheduledTask<number>>();
  const task = scheduler.schedule({ name: 'a', delay: 5, run: async ({ attempt }) => ({ attempt }) });
  expectTypeOf(task.result()).toEqualTypeOf<Promise<{ attempt: number }>>();
  scheduler.schedule({
    name: 'a',
    cron: '* * * * *',
    timeZone: 'Europe/Berlin',
    run(context) {
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context.attempt).toEqualTypeOf<number>();
    },
  });
});

test('a task has one time at most', () => {
  // @ts-expect-error both a time and an expression
  scheduler.schedule({ name: 'a', at: new Date(), cron: '* * * * *', run: () => 1 });
  // @ts-expect-error a time zone is for expressions
  scheduler.schedule({ name: 'a', delay: 1, timeZone: 'UTC', run: () => 1 });
});
