import { describe, expect, it, vi } from 'vitest';
import { heldWork, type SchedulerOfTest } from './contract-scheduler.ts';

export function cancelContract(scheduler: SchedulerOfTest): void {
  describe('cancel', () => {
    it('ends a task that waits for its time, which is never begun', async () => {
      const run = vi.fn();
      const task = scheduler().schedule({ name: 'delayed', delay: 1_000, run });
      expect(scheduler().cancel(task.id)).toBe(true);
      expect(scheduler().get(task.id)).toMatchObject({
        status: 'cancelled',
        startedAt: undefined,
        attempts: 0,
      });
      await expect(task.result()).rejects.toMatchObject({
        code: 'TASK_CANCELLED',
        id: task.id,
        by: 'cancel',
      });
      await vi.advanceTimersByTimeAsync(2_000);
      expect(run).not.toHaveBeenCalled();
    });

    it('ends a task before its first attempt', async () => {
      const run = vi.fn();
      const task = scheduler().schedule({ name: 'at once', run });
      expect(scheduler().cancel(task.id)).toBe(true);
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      expect(run).not.toHaveBeenCalled();
    });

    it('aborts a task that runs, and it is tried no more', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'long', retry: { attempts: 9 }, run: work.listening });
      await vi.advanceTimersByTimeAsync(10);
      expect(scheduler().cancel(task.id)).toBe(true);
      expect(work.signal?.reason).toMatchObject({ code: 'TASK_CANCELLED' });
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      expect(task.status).toMatchObject({ status: 'cancelled', attempts: 1 });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(work.began).toBe(1);
    });

    it('leaves a task running that does not listen, until it has ended; what it returns is dropped', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'deaf', run: work.deaf });
      await vi.advanceTimersByTimeAsync(10);
      expect(scheduler().cancel(task.id)).toBe(true);
      expect(scheduler().cancel(task.id)).toBe(false);
      await vi.advanceTimersByTimeAsync(10);
      expect(task.status.status).toBe('running');
      work.release('too late');
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    });

    it('ends a task that waits for its next attempt', async () => {
      const run = vi.fn(() => Promise.reject(new Error('no')));
      const task = scheduler().schedule({ name: 'bad', retry: { attempts: 3, pause: 60_000 }, run });
      await vi.advanceTimersByTimeAsync(10);
      expect(scheduler().cancel(task.id)).toBe(true);
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
      expect(run).toHaveBeenCalledOnce();
    });

    it('ends a periodic task, between its runs and during one', async () => {
      const run = vi.fn();
      const work = heldWork();
      const idle = scheduler().schedule({ name: 'idle', cron: '* * * * *', run });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(scheduler().cancel(idle.id)).toBe(true);
      const busy = scheduler().schedule({ name: 'busy', cron: '* * * * *', run: work.listening });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(scheduler().cancel(busy.id)).toBe(true);
      await vi.advanceTimersByTimeAsync(600_000);
      expect([run.mock.calls.length, work.began]).toEqual([1, 1]);
      expect(idle.status).toMatchObject({ status: 'cancelled', periodic: { next: undefined, runs: 1 } });
      const lastRun = { status: 'cancelled' };
      expect(busy.status).toMatchObject({ status: 'cancelled', periodic: { next: undefined, lastRun } });
    });

    it('says that there is nothing to cancel', async () => {
      const task = scheduler().schedule({ name: 'short', run: () => {} });
      await task.result();
      expect(scheduler().cancel(task.id)).toBe(false);
      expect(scheduler().cancel('nobody')).toBe(false);
      expect(scheduler().get('nobody')).toBeUndefined();
    });
  });
}
