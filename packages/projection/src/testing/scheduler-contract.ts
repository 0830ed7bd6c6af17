import { afterEach, beforeEach, describe, vi } from 'vitest';
import type { SchedulerOptions } from '../scheduler/create-scheduler.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { attemptContract } from './attempt-contract.ts';
import { cancelContract } from './cancel-contract.ts';
import { closeContract } from './close-contract.ts';
import { contractStart, type SchedulerOfTest, type SchedulerOpener } from './contract-scheduler.ts';
import { periodicContract } from './periodic-contract.ts';
import { taskContract } from './task-contract.ts';
import { taskInputContract } from './task-input-contract.ts';

const parts = [
  taskContract,
  taskInputContract,
  attemptContract,
  periodicContract,
  cancelContract,
  closeContract,
];

/**
 * What every task scheduler promises. `open` gives a new one each time. Runs under vitest, with its fake timers: the
 * scheduler takes the time from `Date` and its timers from `setTimeout`.
 */
export function testScheduler(implementation: string, open: SchedulerOpener): void {
  describe(`${implementation} keeps the promises of a task scheduler`, () => {
    const opened: Scheduler[] = [];
    const logged: SchedulerOfTest['logged'] = [];
    const log = (level: string) => (facts: object, message: string) =>
      void logged.push({ level, facts, message });
    const logger = { info: log('info'), warn: log('warn'), error: log('error') };
    const openAnother = (options: SchedulerOptions) => {
      const scheduler = open({ logger, ...options });
      opened.push(scheduler);
      return scheduler;
    };
    let scheduler: Scheduler;
    const ofTest: SchedulerOfTest = Object.assign(() => scheduler, { open: openAnother, logged });

    beforeEach(() => {
      vi.useFakeTimers({ now: contractStart });
      logged.length = 0;
      scheduler = openAnother({});
    });

    afterEach(async () => {
      const closed = opened.splice(0).map((one) => one.close({ timeout: 0, grace: 0 }));
      await vi.runAllTimersAsync();
      await Promise.all(closed);
      vi.useRealTimers();
    });

    for (const part of parts) part(ofTest);
  });
}
