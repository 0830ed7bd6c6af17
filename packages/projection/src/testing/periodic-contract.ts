import { describe, expect, it, vi } from 'vitest';
import { heldWork, type SchedulerOfTest } from './contract-scheduler.ts';

const minute = 60_000;

export function periodicContract(scheduler: SchedulerOfTest): void {
  describe('a periodic task', () => {
    it('runs each time its expression says, and tells the next time and the last run', async () => {
      const run = vi.fn();
      const task = scheduler().schedule({ name: 'sweep', cron: '*/5 * * * *', run });
      expect(task.status).toMatchObject({
        status: 'waiting',
        dueAt: new Date('2026-01-02T03:05:00Z'),
        periodic: { next: new Date('2026-01-02T03:05:00Z'), runs: 0, skipped: 0, lastRun: undefined },
      });
      await vi.advanceTimersByTimeAsync(12 * minute);
      expect(run).toHaveBeenCalledTimes(3);
      const last = new Date('2026-01-02T03:15:00Z');
      expect(task.status).toMatchObject({
        status: 'waiting',
        startedAt: undefined,
        periodic: {
          next: new Date('2026-01-02T03:20:00Z'),
          runs: 3,
          skipped: 0,
          lastRun: { status: 'succeeded', dueAt: last, startedAt: last, endedAt: last, attempts: 1 },
        },
      });
    });

    it('knows seconds, and keeps to a time zone when its clocks change', async () => {
      vi.setSystemTime('2026-03-28T00:00:00Z');
      const due: string[] = [];
      scheduler().schedule({
        name: 'morning',
        cron: '30 0 8 * * *',
        timeZone: 'Europe/Berlin',
        run: () => void due.push(new Date().toISOString()),
      });
      await vi.advanceTimersByTimeAsync(2 * 24 * 60 * minute);
      expect(due).toEqual(['2026-03-28T07:00:30.000Z', '2026-03-29T06:00:30.000Z']);
    });

    it('never overlaps itself: what comes due meanwhile is skipped and counted', async () => {
      const works = [heldWork(), heldWork()];
      let began = 0;
      const run = (context: { signal: AbortSignal }) => works[began++]?.deaf(context);
      const task = scheduler().schedule({ name: 'slow', cron: '* * * * *', run });
      await vi.advanceTimersByTimeAsync(3.5 * minute);
      expect(began).toBe(1);
      expect(task.status).toMatchObject({ status: 'running', periodic: { runs: 0, skipped: 2 } });
      works[0]?.release('');
      await vi.advanceTimersByTimeAsync(minute);
      expect(began).toBe(2);
      expect(task.status).toMatchObject({ status: 'running', periodic: { runs: 1, skipped: 2 } });
      works[1]?.release('');
      expect(scheduler.logged.filter(({ message }) => message.includes('skipped'))).toHaveLength(2);
    });

    it('goes on after a run that failed, with attempts of its own each time', async () => {
      const attempts: number[] = [];
      const task = scheduler().schedule({
        name: 'bad',
        cron: '* * * * *',
        retry: { attempts: 2, pause: 10 },
        run({ attempt }) {
          attempts.push(attempt);
          throw new Error('no');
        },
      });
      await vi.advanceTimersByTimeAsync(2 * minute);
      expect(attempts).toEqual([1, 2, 1, 2]);
      const lastRun = { status: 'failed', attempts: 2, error: new Error('no') };
      expect(task.status).toMatchObject({
        status: 'waiting',
        error: undefined,
        periodic: { runs: 2, lastRun },
      });
    });

    it('does not make up for times that have passed while the process could not run', async () => {
      const run = vi.fn();
      const task = scheduler().schedule({ name: 'sweep', cron: '* * * * *', run });
      vi.setSystemTime('2026-01-02T04:00:30Z');
      await vi.advanceTimersByTimeAsync(minute);
      expect(run).toHaveBeenCalledOnce();
      expect(task.status.periodic).toMatchObject({ next: new Date('2026-01-02T04:02:00Z'), skipped: 0 });
    });

    it('ends with its last run when no time is left', async () => {
      const task = scheduler().schedule({ name: 'last', cron: '0 0 0 1 2 * 2026', run: () => 'done' });
      await vi.advanceTimersByTimeAsync(31 * 24 * 60 * minute);
      expect(task.status).toMatchObject({ status: 'succeeded', periodic: { next: undefined, runs: 1 } });
      expect(await task.result()).toBe('done');
    });
  });
}
