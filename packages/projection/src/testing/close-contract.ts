import { describe, expect, it, vi } from 'vitest';
import { heldWork, type SchedulerOfTest } from './contract-scheduler.ts';

export function closeContract(scheduler: SchedulerOfTest): void {
  describe('close', () => {
    it('takes no more tasks, drops those that wait, and waits for those that run', async () => {
      const work = heldWork();
      const running = scheduler().schedule({ name: 'running', run: work.listening });
      const waiting = scheduler().schedule({ name: 'waiting', delay: 10, run: vi.fn() });
      const periodic = scheduler().schedule({ name: 'periodic', cron: '* * * * *', run: vi.fn() });
      await vi.advanceTimersByTimeAsync(1);
      const closed = scheduler().close({ timeout: 1_000 });
      const refused = { code: 'SCHEDULER_CLOSED', task: 'more' };
      expect(() => scheduler().schedule({ name: 'more', run: vi.fn() })).toThrow(
        expect.objectContaining(refused),
      );
      expect([waiting, periodic].map(({ status }) => status.status)).toEqual(['cancelled', 'cancelled']);
      await expect(waiting.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED', by: 'close' });
      await vi.advanceTimersByTimeAsync(500);
      expect(work.signal?.aborted).toBe(false);
      work.release('done');
      expect(await closed).toEqual({ unfinished: [] });
      expect(await running.result()).toBe('done');
      expect(scheduler().get(running.id)?.status).toBe('succeeded');
    });

    it('aborts what runs on when the time is up', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'long', run: work.listening });
      await vi.advanceTimersByTimeAsync(1);
      const closed = scheduler().close({ timeout: 1_000 });
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await closed).toEqual({ unfinished: [] });
      expect(work.signal?.reason).toMatchObject({ code: 'TASK_CANCELLED', by: 'close' });
      expect(task.status.status).toBe('cancelled');
    });

    it('says what has not ended, though it was aborted', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'deaf', run: work.deaf });
      await vi.advanceTimersByTimeAsync(1);
      const closed = scheduler().close({ timeout: 1_000, grace: 100 });
      await vi.advanceTimersByTimeAsync(1_100);
      expect(await closed).toMatchObject({ unfinished: [{ id: task.id, name: 'deaf', status: 'running' }] });
      work.release('');
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_CANCELLED', by: 'close' });
    });

    it('lets a periodic task end its run, which is its last', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'sweep', cron: '* * * * *', run: work.deaf });
      await vi.advanceTimersByTimeAsync(60_000);
      const closed = scheduler().close({ timeout: 600_000 });
      await vi.advanceTimersByTimeAsync(120_000);
      work.release('swept');
      await closed;
      expect(await task.result()).toBe('swept');
      expect(task.status).toMatchObject({ status: 'succeeded', periodic: { runs: 1, next: undefined } });
      await vi.advanceTimersByTimeAsync(120_000);
      expect(work.began).toBe(1);
    });

    it('can be called twice, and waits for the same', async () => {
      const work = heldWork();
      scheduler().schedule({ name: 'running', run: work.deaf });
      await vi.advanceTimersByTimeAsync(1);
      const closed = Promise.all([scheduler().close(), scheduler().close()]);
      work.release('');
      expect(await closed).toEqual([{ unfinished: [] }, { unfinished: [] }]);
    });

    it('refuses limits that make no sense, and stays open', async () => {
      const invalid = (option: string) => ({ code: 'INVALID_SCHEDULER', option });
      await expect(scheduler().close({ timeout: -1 })).rejects.toMatchObject(invalid('timeout'));
      await expect(scheduler().close({ grace: Number.NaN })).rejects.toMatchObject(invalid('grace'));
      expect(
        await scheduler()
          .schedule({ name: 'next', run: () => 'done' })
          .result(),
      ).toBe('done');
    });

    it('leaves no timer behind', async () => {
      scheduler().schedule({ name: 'far', delay: 1e9, run: vi.fn() });
      scheduler().schedule({ name: 'sweep', cron: '* * * * *', run: vi.fn() });
      scheduler().schedule({ name: 'short', timeout: 1e9, run: vi.fn() });
      await scheduler().close();
      expect(vi.getTimerCount()).toBe(0);
    });
  });
}
