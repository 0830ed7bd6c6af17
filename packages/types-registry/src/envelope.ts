import type { EncodedPayload } from './catalog.ts';
import { MalformedEnvelopeError } from './envelope-errors.ts';
import type { Metadata } from './event.ts';

/** All of a stored event but its decoded payload and its place. */
export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly revision: number;
  readonly time: Date;
  readonly payload: EncodedPayload;
  readonly metadata: Metadata;
  readonly correlationId: string | undefined;
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
}

/** @throws MalformedEnvelopeError */
export function parseTime(value: string): Date {
  const time = new Date(value);
  if (!Number.isNaN(time.getTime())) return time;
  throw new MalformedEnvelopeError('time', `is not an RFC 3339 time: ${JSON.stringify(value)}`);
}

/** @throws MalformedEnvelopeError */
export function parseCount(attribute: string, value: string | undefined): number {
  if (value !== undefined && /^[1-9][0-9]{0,14}$/.test(value)) return Number(value);
  const reason = value === undefined ? 'is missing' : `is not a positive number: ${JSON.stringify(value)}`;
  throw new MalformedEnvelopeError(attribute, reason);
}
