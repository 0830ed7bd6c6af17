import { describe, expect, it, vi } from 'vitest';
import { contractStart, heldWork, type SchedulerOfTest } from './contract-scheduler.ts';

const day = 86_400_000;
const later = (milliseconds: number) => new Date(contractStart.getTime() + milliseconds);

export function taskContract(scheduler: SchedulerOfTest): void {
  describe('a task', () => {
    it('runs at once where it has no time, but not before it has been scheduled', async () => {
      const work = heldWork();
      const task = scheduler().schedule({ name: 'mail', run: work.deaf });
      expect(work.began).toBe(0);
      await vi.advanceTimersByTimeAsync(0);
      expect(work.began).toBe(1);
      const { id, name } = task;
      const times = { scheduledAt: contractStart, dueAt: contractStart, startedAt: contractStart };
      expect(task.status).toMatchObject({ id, name, status: 'running', attempts: 1, ...times });
      expect(scheduler().get(id)).toEqual(task.status);
      await vi.advanceTimersByTimeAsync(70);
      work.release('sent');
      expect(await task.result()).toBe('sent');
      expect(task.status).toMatchObject({ status: 'succeeded', endedAt: later(70), error: undefined });
      expect(scheduler().get(id)).toEqual(task.status);
    });

    it('gives what a plain function returns, too', async () => {
      expect(
        await scheduler()
          .schedule({ name: 'sum', run: () => 1 + 1 })
          .result(),
      ).toBe(2);
    });

    it('waits for its delay or its time', async () => {
      const run = vi.fn(({ attempt }: { attempt: number }) => attempt);
      const delayed = scheduler().schedule({ name: 'delayed', delay: 1_000, run });
      const timed = scheduler().schedule({ name: 'timed', at: later(2_000), run });
      await vi.advanceTimersByTimeAsync(999);
      expect(run).not.toHaveBeenCalled();
      expect(delayed.status).toMatchObject({ status: 'waiting', dueAt: later(1_000), attempts: 0 });
      await vi.advanceTimersByTimeAsync(1);
      expect(delayed.status).toMatchObject({ status: 'succeeded', startedAt: later(1_000) });
      expect(timed.status).toMatchObject({ status: 'waiting', startedAt: undefined, endedAt: undefined });
      await vi.advanceTimersByTimeAsync(1_000);
      expect(timed.status).toMatchObject({ status: 'succeeded', startedAt: later(2_000) });
    });

    it('runs at once where its time has passed', async () => {
      const task = scheduler().schedule({ name: 'late', at: later(-day), run: () => 'done' });
      expect(await task.result()).toBe('done');
      expect(task.status.dueAt).toEqual(later(-day));
    });

    it('waits longer than one timer can', async () => {
      const run = vi.fn();
      scheduler().schedule({ name: 'far', delay: 60 * day, run });
      await vi.advanceTimersByTimeAsync(60 * day - 1);
      expect(run).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(run).toHaveBeenCalledOnce();
    });

    it('runs within a minute where the clock is set forward beyond its time', async () => {
      const run = vi.fn();
      scheduler().schedule({ name: 'morning', at: later(day), run });
      vi.setSystemTime(later(day));
      await vi.advanceTimersByTimeAsync(60_000);
      expect(run).toHaveBeenCalledOnce();
    });

    it('goes first that was due first, then that was scheduled first', async () => {
      const order: string[] = [];
      const add = (name: string, when: object) =>
        scheduler().schedule({ name, ...when, run: () => void order.push(name) });
      add('c', { delay: 20 });
      add('a', { delay: 10 });
      add('d', { at: later(20) });
      add('b', { delay: 10 });
      // All are due by now, and none has been begun yet: the process was busy.
      vi.setSystemTime(later(30));
      add('e', {});
      await vi.advanceTimersByTimeAsync(100);
      expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('that throws ends neither the process nor another task', async () => {
      const throwing = () => {
        throw new RangeError('no such letter');
      };
      const refused = async () => Promise.reject(new TypeError('not a function'));
      const failed = [throwing, refused].map((run, n) => scheduler().schedule({ name: `bad ${n}`, run }));
      const next = scheduler().schedule({ name: 'good', run: () => 'done' });
      await vi.advanceTimersByTimeAsync(10);
      expect(await next.result()).toBe('done');
      expect(failed.map(({ status }) => status.status)).toEqual(['failed', 'failed']);
      const [first] = failed;
      const cause = new RangeError('no such letter');
      await expect(first?.result()).rejects.toMatchObject({
        code: 'TASK_FAILED',
        task: 'bad 0',
        attempts: 1,
        cause,
      });
      expect(first?.status.error).toEqual(cause);
      expect(scheduler.logged.filter(({ level }) => level === 'error')).toHaveLength(2);
    });

    it('may throw what is no error', async () => {
      const task = scheduler().schedule({ name: 'bad', run: () => Promise.reject('a text') });
      await expect(task.result()).rejects.toMatchObject({ code: 'TASK_FAILED', cause: 'a text' });
      expect(task.status.error).toBe('a text');
    });

    it('is listed, and forgotten some time after it has ended', async () => {
      const keeping = scheduler.open({ finished: { max: 2, ttl: 1_000 } });
      const ids = ['a', 'b', 'c'].map((name) => keeping.schedule({ name, run: () => name }).id);
      const late = keeping.schedule({ name: 'late', delay: 500, run: () => {} });
      await vi.advanceTimersByTimeAsync(100);
      const listed = () => keeping.list().map(({ name, status }) => `${name} ${status}`);
      expect(listed()).toEqual(['b succeeded', 'c succeeded', 'late waiting']);
      expect(ids.map((id) => keeping.get(id)?.name)).toEqual([undefined, 'b', 'c']);
      await vi.advanceTimersByTimeAsync(1_100);
      expect(listed()).toEqual(['late succeeded']);
      expect(ids.map((id) => keeping.get(id))).toEqual([undefined, undefined, undefined]);
      expect(late.status.status).toBe('succeeded');
      await vi.advanceTimersByTimeAsync(1_000);
      expect(keeping.list()).toEqual([]);
      expect(late.status.status).toBe('succeeded');
    });
  });
}
