import { describe, expect, it } from 'vitest';
import type { Task } from '../scheduler/task.ts';
import type { SchedulerOfTest } from './contract-scheduler.ts';

const run = () => {};
const wrong: readonly (readonly [option: string, task: object])[] = [
  ['name', { name: '', run }],
  ['name', { name: ' ', run }],
  ['name', { run }],
  ['run', { name: 'a' }],
  ['delay', { name: 'a', run, delay: -1 }],
  ['delay', { name: 'a', run, delay: Number.NaN }],
  ['delay', { name: 'a', run, delay: Number.POSITIVE_INFINITY }],
  ['delay', { name: 'a', run, delay: 1e300 }],
  ['delay', { name: 'a', run, delay: '5' }],
  ['at', { name: 'a', run, at: new Date(Number.NaN) }],
  ['at', { name: 'a', run, at: '2026-01-01' }],
  ['cron', { name: 'a', run, cron: '' }],
  ['cron', { name: 'a', run, cron: 'every day' }],
  ['cron', { name: 'a', run, cron: '61 * * * *' }],
  ['cron', { name: 'a', run, cron: '0 0 30 2 *' }],
  ['cron', { name: 'a', run, cron: '0 0 * * *', timeZone: 'Europe/Atlantis' }],
  ['timeZone', { name: 'a', run, delay: 1, timeZone: 'Europe/Berlin' }],
  ['at and cron', { name: 'a', run, at: new Date(), cron: '* * * * *' }],
  ['delay and cron', { name: 'a', run, delay: 0, cron: '* * * * *' }],
  ['timeout', { name: 'a', run, timeout: 0 }],
  ['timeout', { name: 'a', run, timeout: Number.NaN }],
  ['retry.attempts', { name: 'a', run, retry: {} }],
  ['retry.attempts', { name: 'a', run, retry: { attempts: 0 } }],
  ['retry.attempts', { name: 'a', run, retry: { attempts: 1.5 } }],
  ['retry.pause', { name: 'a', run, retry: { attempts: 2, pause: -1 } }],
  ['retry.factor', { name: 'a', run, retry: { attempts: 2, factor: 0 } }],
  ['retry.longestPause', { name: 'a', run, retry: { attempts: 2, longestPause: -1 } }],
];

export function taskInputContract(scheduler: SchedulerOfTest): void {
  describe('a task that makes no sense', () => {
    it.each(wrong)('is refused for its %s: %o', (option, task) => {
      const schedule = () => scheduler().schedule(task as Task<unknown>);
      expect(schedule).toThrow(expect.objectContaining({ code: 'INVALID_TASK', option }));
      expect(scheduler().list()).toEqual([]);
    });
  });
}
