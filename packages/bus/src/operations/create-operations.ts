import { hostname } from 'node:os';
import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import { OperationsClosedError } from '../operation-errors.ts';
import type { OperationQuery, Operations } from '../operations.ts';
import { checkQuery, checkRange } from './check-operation.ts';
import { listOperations } from './list-operations.ts';
import { newOperationId } from './operation-id.ts';
import type { OperationLog } from './operation-log.ts';
import { readChain } from './read-chain.ts';
import { queueLimits, recordQueue } from './record-queue.ts';
import { operationRecorder } from './recorder.ts';
import { runOperation } from './run-operation.ts';

export interface OperationsOptions {
  /** Default: process warnings (stderr, `process.on('warning')`). */
  readonly logger?: Logger;
  /** Default: the system's clock. */
  readonly clock?: () => Date;
  /** `op_` and a UUIDv7, which is the default. */
  readonly newId?: () => string;
  /** What this process is called in records. Default: host name and process id. */
  readonly instance?: string;
  /** What `input` and `user` of an operation may take together, in bytes of JSON. Default: 65,536. */
  readonly maxInputBytes?: number;
}

const defaultMaxInputBytes = 65_536;
const defaultCloseTimeout = 5_000;
/** Milliseconds that a reader waits for this process's own records. */
const readYourWrites = 2_000;

/** @param limits of the queue of records; tests have others */
export function createOperations(
  log: OperationLog,
  options: OperationsOptions,
  limits = queueLimits,
): Operations {
  const { clock = () => new Date(), newId = newOperationId, maxInputBytes = defaultMaxInputBytes } = options;
  const { instance = `${hostname()}-${process.pid}` } = options;
  checkRange('maxInputBytes', maxInputBytes, 'bytes');
  const { store } = log;
  const logger = guardLogger(options.logger ?? processWarnings);
  const queue = recordQueue(log, logger, limits);
  const running = { log, queue, logger, clock, newId, instance, maxInputBytes };
  let closing: Promise<void> | undefined;

  async function* list(query: OperationQuery) {
    checkQuery(query);
    await queue.settled(readYourWrites);
    yield* listOperations(log, logger, query);
  }

  return {
    async operation(given, work) {
      if (closing !== undefined) throw new OperationsClosedError(store);
      return runOperation(running, given, work);
    },
    async get(id, given = {}) {
      await queue.settled(readYourWrites);
      return readChain(log, logger, id, given);
    },
    list: (query = {}) => list(query),
    recorder: operationRecorder({ store, queue, logger, clock, instance }),
    close({ timeout = defaultCloseTimeout } = {}) {
      closing ??= queue.close(timeout);
      return closing;
    },
  };
}
