import { setTimeout as delay } from 'node:timers/promises';
import { currentTrace, type Logger, PipitError, withTrace } from '@pipit/types-registry';
import { OperationNotRecordedError } from '../operation-errors.ts';
import type { OperationOptions, OperationWork } from '../operations.ts';
import { checkId, checkOperation } from './check-operation.ts';
import { errorFacts } from './error-facts.ts';
import { isOperationId } from './operation-id.ts';
import type { NewRecord, OperationLog } from './operation-log.ts';
import { type Ended, type OperationFacts, recordsOfEnd, recordsOfStart, type Started } from './record.ts';
import type { RecordQueue } from './record-queue.ts';

export interface RunContext {
  readonly log: OperationLog;
  readonly queue: RecordQueue;
  readonly logger: Logger;
  readonly clock: () => Date;
  readonly newId: () => string;
  readonly instance: string;
  readonly maxInputBytes: number;
}

const longestAttempt = 2_500;
const shortestPause = 25;
const longestPause = 500;

/** @throws InvalidOperationError, OperationNotRecordedError; the reason of the signal; what `work` throws */
export async function runOperation<Result>(
  context: RunContext,
  options: OperationOptions,
  work: OperationWork<Result>,
): Promise<Result> {
  const { log, queue, clock, instance, maxInputBytes } = context;
  const { signal } = options;
  const { kind, name, input, user, timeout, unrecorded } = checkOperation(
    options,
    Math.min(maxInputBytes, log.maxBytes()),
  );
  signal?.throwIfAborted();
  const outer = currentTrace();
  const id = context.newId();
  checkId(id);
  const correlationId = isOperationId(outer.correlationId) ? outer.correlationId : id;
  const parentId = outer.causationId ?? outer.correlationId;
  const facts: OperationFacts = { id, kind, name, startedAt: clock(), correlationId, parentId, instance };
  const started: Started = { record: 'operation-started', ...facts, input, user };

  function end(error: Ended['error']): void {
    queue.push(recordsOfEnd({ record: 'operation-ended', ...facts, endedAt: clock(), error }));
  }

  const records = recordsOfStart(started);
  const cause = await writeInTime(log, records, timeout);
  if (cause !== undefined) {
    const notRecorded = new OperationNotRecordedError({ id, kind, name, timeout }, cause);
    if (unrecorded === 'refuse') {
      // The start may have been stored all the same, and would then seem to run for ever.
      end(errorFacts(notRecorded));
      throw notRecorded;
    }
    queue.push(records);
    const message = `The start of ${kind} ${JSON.stringify(name)} (${id}) is not on record after ${timeout} ms, and it runs all the same`;
    context.logger.warn({ store: log.store, operationId: id, err: cause }, message);
  }

  const trace = { correlationId, causationId: id };
  const { traceparent } = outer;
  let result: Result;
  try {
    result = await withTrace(traceparent === undefined ? trace : { ...trace, traceparent }, () =>
      work({ id, signal }),
    );
  } catch (error) {
    end(errorFacts(error));
    throw error;
  }
  end(undefined);
  return result;
}

/** Returns why the records are not all on record; `undefined` when they are. */
async function writeInTime(
  log: OperationLog,
  records: readonly NewRecord[],
  timeout: number,
): Promise<Error | undefined> {
  const deadline = Date.now() + timeout;
  let open = records;
  for (let pause = shortestPause; ; pause = Math.min(2 * pause, longestPause)) {
    const silence = Math.max(1, Math.min(longestAttempt, deadline - Date.now()));
    const results = await Promise.allSettled(open.map((record) => log.write(record, silence)));
    const failed = results.filter((result) => result.status === 'rejected');
    if (failed.length === 0) return undefined;
    open = open.filter((_, index) => results[index]?.status === 'rejected');
    const reasons = failed.map(({ reason }) => reason as Error);
    const final = reasons.find((reason) => reason instanceof PipitError);
    if (final !== undefined || Date.now() + pause >= deadline) return final ?? reasons[0];
    await delay(pause);
  }
}
