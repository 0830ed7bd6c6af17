import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { guardLogger, processWarnings, requireStoreName } from '@pipit/types-registry';
import { checkRange } from '../../operations/check-operation.ts';
import { createOperations, type OperationsOptions } from '../../operations/create-operations.ts';
import type { Operations } from '../../operations.ts';
import type { JetStreamPrefix } from '../open-store.ts';
import { jetStreamOperationLog } from './operation-log.ts';

export interface JetStreamOperationsOptions extends OperationsOptions, JetStreamPrefix {
  /** Yours: it is neither opened nor closed. It should reconnect without end (`maxReconnectAttempts: -1`). */
  readonly connection: NatsConnection;
  /** The name of the store. Its operations lie in the stream `<store>_operations`. */
  readonly store: string;
  /** Milliseconds after which a record expires, for a stream that is created. Default: 90 days. */
  readonly maxAge?: number;
  /** For a stream that is created. Default: as the store's stream. */
  readonly replicas?: number;
}

const day = 24 * 60 * 60 * 1_000;

/**
 * Operations of a store, kept on JetStream. It asks nothing of the server and creates nothing until the first record is
 * written.
 *
 * @throws InvalidSubjectTokenError (the store's name), InvalidOperationError (an option)
 */
export async function jetStreamOperations(options: JetStreamOperationsOptions): Promise<Operations> {
  const { connection, store, maxAge = 90 * day, replicas, apiPrefix, domain, ...rest } = options;
  requireStoreName(store);
  // Ages are nanoseconds in 64 bits, and no record may expire while it is still being written.
  checkRange('maxAge', maxAge, 'milliseconds', 9_000_000_000_000);
  const manager = await jetstreamManager(connection, {
    ...(apiPrefix !== undefined && { apiPrefix }),
    ...(domain !== undefined && { domain }),
    checkAPI: false,
    timeout: 2_500,
  });
  const stream = { name: `${store}_operations`, store, maxAge, replicas };
  const logger = guardLogger(options.logger ?? processWarnings);
  return createOperations(jetStreamOperationLog({ connection, manager, stream, logger }), rest);
}
