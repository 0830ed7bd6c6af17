import { v7 } from 'uuid';

const form = /^op_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** `op_` and a UUIDv7 (RFC 9562), so that it is told from an event's id, and sorts by time. */
export function newOperationId(): string {
  return `op_${v7()}`;
}

/** Whether an id, a correlation id for instance, is that of an operation. It takes no look-up. */
export function isOperationId(id: unknown): id is string {
  return typeof id === 'string' && id.startsWith('op_') && form.test(id);
}
