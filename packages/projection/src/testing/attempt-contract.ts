import { describe, expect, it, vi } from 'vitest';
import { heldWork, type SchedulerOfTest } from './contract-scheduler.ts';

export function attemptContract(scheduler: SchedulerOfTest): void {
  describe('attempts', () => {
    it('are made again after pauses that grow, until one succeeds', async () => {
      const times: number[] = [];
      const task = scheduler().schedule({
        name: 'flaky',
        retry: { attempts: 5, pause: 100, factor: 3 },
        run({ attempt }) {
          times.push(Date.now());
          if (attempt < 4) throw new TypeError(`attempt ${attempt}`);
          return attempt;
        },
      });
      await vi.advanceTimersByTimeAsync(0);
      expect(task.status).toMatchObject({
        status: 'running',
        attempts: 1,
        error: new TypeError('attempt 1'),
      });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await task.result()).toBe(4);
      expect(task.status).toMatchObject({ status: 'succeeded', attempts: 4, error: undefined });
      for (const [index, least] of [100, 300, 900].entries()) {
        const pause = (times[index + 1] ?? 0) - (times[index] ?? 0);
        expect(pause).toBeGreaterThanOrEqual(least);
        expect(pause).toBeLessThanOrEqual(2 * least);
      }
    });

    it('are made as often as was said, with pauses that are not longer than was said', async () => {
      const run = vi.fn(() => Promise.reject(new Error('never')));
      const task = scheduler().schedule({
        name: 'bad',
        retry: { attempts: 4, pause: 100, longestPause: 100 },
        run,
      });
      await vi.advanceTimersByTimeAsync(300);
      expect(run).toHaveBeenCalledTimes(4);
      expect(task.status).toMatchObject({ status: 'failed', attempts: 4, error: new Error('never') });
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_FAILED', attempts: 4 });
    });

    it('that take too long are aborted, and have failed', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'slow', timeout: 1_000, run: work.listening });
      await vi.advanceTimersByTimeAsync(999);
      expect(task.status.status).toBe('running');
      await vi.advanceTimersByTimeAsync(1);
      const error = { code: 'TASK_TIMEOUT', task: 'slow', attempt: 1, timeout: 1_000 };
      expect(task.status).toMatchObject({ status: 'failed', error });
      expect(work.signal?.reason).toMatchObject(error);
    });

    it('that take too long and do not listen run until they end, and have failed all the same', async () => {
      const work = heldWork();
      const task = scheduler().schedule({
        name: 'deaf',
        timeout: 1_000,
        retry: { attempts: 2, pause: 0 },
        run: (context) => (context.attempt === 1 ? work.deaf(context) : 'second'),
      });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(work.signal?.aborted).toBe(true);
      expect(task.status).toMatchObject({ status: 'running', attempts: 1, error: { code: 'TASK_TIMEOUT' } });
      work.release('too late');
      expect(await task.result()).toBe('second');
    });

    it('each have all the time that one may take', async () => {
      const task = scheduler().schedule({
        name: 'slow',
        timeout: 1_000,
        retry: { attempts: 3, pause: 0 },
        async run() {
          await new Promise((resolve) => setTimeout(resolve, 900));
          throw new Error('no');
        },
      });
      await vi.advanceTimersByTimeAsync(2_700);
      expect(task.status).toMatchObject({ status: 'failed', attempts: 3, error: new Error('no') });
    });
  });
}
