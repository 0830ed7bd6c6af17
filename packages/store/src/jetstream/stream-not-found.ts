import { JetStreamApiError } from '@nats-io/jetstream';

/** Whether the server says that there is no such stream (10059); the stream of a bucket is meant as well. */
export function isStreamNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === 10059;
}
