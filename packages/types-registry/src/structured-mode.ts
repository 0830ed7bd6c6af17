import { json } from './codec.ts';
import { type Envelope, parseCount, parseTime } from './envelope.ts';
import { MalformedEnvelopeError } from './envelope-errors.ts';
import type { JsonValue } from './event.ts';
import { isExtension } from './metadata.ts';

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * An event in CloudEvents' JSON format (1.0, section 3), with its payload in `data` or `data_base64`. `revision` and,
 * where it is not 1, `schemaversion` are extensions, as they are in binary mode.
 *
 * @throws MalformedEnvelopeError
 */
export function parseStructured(body: Uint8Array, storedAt: Date): Envelope {
  const attributes = parseObject(body);
  const text = (name: string): string | undefined => {
    const value = attributes.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw new MalformedEnvelopeError(name, 'is not a non-empty string');
  };
  const required = (name: string): string => {
    const value = text(name);
    if (value === undefined) throw new MalformedEnvelopeError(name, 'is missing');
    return value;
  };
  const count = (name: string): string | undefined => {
    const value = attributes.get(name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  if (required('specversion') !== '1.0') throw new MalformedEnvelopeError('specversion', 'is not 1.0');
  required('source');
  const time = text('time');
  const contentType = text('datacontenttype') ?? json.contentType;
  return {
    id: required('id'),
    type: required('type'),
    revision: parseCount('revision', count('revision')),
    time: time === undefined ? storedAt : parseTime(time),
    payload: {
      contentType: attributes.has('data') ? json.contentType : contentType,
      schemaVersion: parseCount('schemaversion', count('schemaversion') ?? '1'),
      bytes: payloadBytes(attributes),
    },
    metadata: Object.fromEntries([...attributes].filter(([name]) => isExtension(name))),
    correlationId: text('correlationid'),
    causationId: text('causationid'),
    traceparent: text('traceparent'),
  };
}

function parseObject(body: Uint8Array): ReadonlyMap<string, JsonValue> {
  let parsed: unknown;
  try {
    parsed = json.decode(body);
  } catch (cause) {
    throw new MalformedEnvelopeError('structured body', 'is not JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedEnvelopeError('structured body', 'is not a JSON object');
  }
  return new Map(Object.entries(parsed));
}

function payloadBytes(attributes: ReadonlyMap<string, JsonValue>): Uint8Array {
  const encoded = attributes.get('data_base64');
  if (attributes.has('data')) {
    if (encoded !== undefined) throw new MalformedEnvelopeError('data', 'stands beside data_base64');
    return json.encode(attributes.get('data'));
  }
  if (typeof encoded === 'string' && base64.test(encoded)) return Buffer.from(encoded, 'base64');
  throw new MalformedEnvelopeError(
    'data_base64',
    encoded === undefined ? 'is missing, and so is data' : 'is not base64',
  );
}
