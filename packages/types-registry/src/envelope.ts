import { MalformedEnvelopeError } from './envelope-errors.ts';
import type { Metadata } from './event.ts';
import type { EncodedPayload } from './payload.ts';
import { parseTime } from './timestamp.ts';

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

/** The envelope of an event that belongs to no aggregate, and so has no revision. */
export type UnrevisedEnvelope = Omit<Envelope, 'revision'>;

/** The attributes an envelope is made of: CloudEvents' own and Pipit's extensions. */
export type AttributeName =
  | 'specversion'
  | 'id'
  | 'source'
  | 'type'
  | 'time'
  | 'datacontenttype'
  | 'revision'
  | 'schemaversion'
  | 'correlationid'
  | 'causationid'
  | 'traceparent';

/** What both CloudEvents modes say in the same attributes. */
export interface EnvelopeAttributes extends Omit<Envelope, 'payload' | 'metadata'> {
  readonly schemaVersion: number;
}

/**
 * Reads the attributes of CloudEvents 1.0 (section 3) and Pipit's extensions. Required are `specversion`, `id`,
 * `source`, `type`, and `revision`, without which an event has no place in its aggregate.
 *
 * @param attribute the text of an attribute; `undefined` where it is unset.
 * @param storedAt the time of an event that brings none.
 * @param isRevised false for an event of no aggregate: its revision is not looked for, and 0.
 * @throws MalformedEnvelopeError
 */
export function readAttributes(
  attribute: (name: AttributeName) => string | undefined,
  storedAt: () => Date,
  isRevised = true,
): EnvelopeAttributes {
  function required(name: AttributeName): string {
    const value = attribute(name);
    if (value !== undefined && value !== '') return value;
    throw new MalformedEnvelopeError(name, 'is missing');
  }
  const specversion = required('specversion');
  if (specversion !== '1.0') {
    const shown = JSON.stringify(specversion);
    throw new MalformedEnvelopeError('specversion', `is ${shown}; only CloudEvents 1.0 is read`);
  }
  required('source');
  const time = attribute('time');
  const schemaVersion = attribute('schemaversion');
  return {
    id: required('id'),
    type: required('type'),
    revision: isRevised ? parseCount('revision', required('revision')) : 0,
    schemaVersion: schemaVersion === undefined ? 1 : parseCount('schemaversion', schemaVersion),
    time: time === undefined ? storedAt() : parseTime(time),
    correlationId: attribute('correlationid'),
    causationId: attribute('causationid'),
    traceparent: attribute('traceparent'),
  };
}

function parseCount(attribute: AttributeName, value: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(value)) return Number(value);
  throw new MalformedEnvelopeError(attribute, `is not a positive whole number: ${JSON.stringify(value)}`);
}
