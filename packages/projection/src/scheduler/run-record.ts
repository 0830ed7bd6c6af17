import type { Logger } from '@pipit/types-registry';
import { runAttempts } from './run-attempts.ts';
import type { Outcome, TaskRecord } from './task-record.ts';

/** Runs a task once, with all its attempts; writes into the record how it goes. Never rejects. */
export async function runRecord(record: TaskRecord, logger: Logger): Promise<Outcome> {
  const { id, task, stopping } = record;
  const facts = () => ({ task: task.name, id, attempt: record.attempts, err: record.error });
  record.startedAt = Date.now();
  record.status = 'running';
  try {
    // Nothing of a task runs before `schedule` has returned.
    await undefined;
    const result = await runAttempts(task, stopping.signal, {
      began(attempt) {
        record.attempts = attempt;
      },
      tooLate(error) {
        record.error = error;
        logger.warn(
          facts(),
          'An attempt of a task took too long and was aborted; it has its slot until it ends',
        );
      },
      failed(error) {
        record.error = error;
      },
      retrying(pause) {
        logger.warn({ ...facts(), pause }, 'An attempt of a task failed; there will be another');
      },
    });
    record.error = undefined;
    return { status: 'succeeded', result };
  } catch (error) {
    if (record.cancelledBy !== undefined) return { status: 'cancelled', by: record.cancelledBy };
    logger.error(facts(), 'A task failed');
    return { status: 'failed', error };
  }
}
