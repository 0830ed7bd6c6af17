import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import type { EncodedPayload, Trace } from '@pipit/types-registry';
import { defaultTimeout } from '../../commands/check-options.ts';
import { readFailure } from '../../commands/failure.ts';
import type { Answer, IncomingRequest, OutgoingRequest } from '../../commands/transport.ts';
import { longestDelay } from '../../longest-delay.ts';
import { block, decodeValue, encodeValue, type Fields, fieldOf } from './headers.ts';

/**
 * Requests and answers as messages. The body is the payload in its codec; what has its default has no header, so most
 * answers and many requests have none at all. Values are percent-encoded.
 *
 * | header | of a request | default |
 * | --- | --- | --- |
 * | `Content-Type` | names the codec; also of an answer | `application/json` |
 * | `Pipit-Timeout` | milliseconds the sender waits, from its sending | 10000 |
 * | `Pipit-Request-Id` | what a cancellation names it by | cannot be cancelled |
 * | `ce-correlationid`, `ce-causationid`, `traceparent` | the sender's trace | none |
 *
 * An empty answer without headers is `undefined`. `Pipit-Status` marks one that is no answer; a failure's body is JSON.
 * Such an answer has the two headers of the NATS services as well, for other software.
 */
const contentType = 'Content-Type';
const timeoutHeader = 'Pipit-Timeout';
const idHeader = 'Pipit-Request-Id';
const statusHeader = 'Pipit-Status';
const serviceError = 'Nats-Service-Error';
const serviceErrorCode = 'Nats-Service-Error-Code';

const jsonType = 'application/json';

/** @returns undefined where there is nothing to say */
export function requestHeaders({ payload, timeout, id, trace }: OutgoingRequest): Uint8Array | undefined {
  const fields: [string, string][] = [];
  if (payload.contentType !== jsonType) fields.push([contentType, payload.contentType]);
  if (timeout !== defaultTimeout) fields.push([timeoutHeader, String(timeout)]);
  if (id !== undefined) fields.push([idHeader, id]);
  const { correlationId, causationId, traceparent } = trace;
  if (correlationId !== undefined) fields.push(['ce-correlationid', encodeValue(correlationId)]);
  if (causationId !== undefined) fields.push(['ce-causationid', encodeValue(causationId)]);
  if (traceparent !== undefined) fields.push(['traceparent', traceparent]);
  return fields.length === 0 ? undefined : block(fields);
}

export function readRequest(message: Msg): Omit<IncomingRequest, 'answer'> {
  const { headers } = message;
  const body = message.data;
  if (headers === undefined) {
    return { payload: payloadOf(jsonType, body), timeout: defaultTimeout, id: undefined, trace: {} };
  }
  return {
    payload: payloadOf(fieldOf(headers, contentType) ?? jsonType, body),
    timeout: readTimeout(fieldOf(headers, timeoutHeader)),
    id: fieldOf(headers, idHeader),
    trace: readTrace(headers),
  };
}

export interface EncodedAnswer {
  readonly body: Uint8Array;
  readonly headers: Uint8Array | undefined;
}

export function encodeAnswerMessage(answer: Answer): EncodedAnswer {
  if (answer.status === 'answered') {
    const { payload } = answer;
    if (payload === undefined) return { body: nothing, headers: undefined };
    const isJson = payload.contentType === jsonType;
    return { body: payload.bytes, headers: isJson ? undefined : block([[contentType, payload.contentType]]) };
  }
  if (answer.status === 'failed' || answer.status === 'refused') {
    const { status, failure } = answer;
    const text = `${status}: ${failure.code ?? failure.name}`;
    return {
      body: Buffer.from(JSON.stringify(failure)),
      headers: block([[statusHeader, status], ...errorFields(status === 'refused' ? '400' : '500', text)]),
    };
  }
  return {
    body: nothing,
    headers: block([[statusHeader, answer.status], ...errorFields('503', answer.status)]),
  };
}

export function readAnswer(message: Msg): Answer {
  const { headers } = message;
  const body = message.data;
  if (headers === undefined) {
    return { status: 'answered', payload: body.byteLength === 0 ? undefined : payloadOf(jsonType, body) };
  }
  const status = fieldOf(headers, statusHeader);
  if (status === 'busy' || status === 'stopping' || status === 'stopped') return { status };
  const text = fieldOf(headers, serviceError);
  if (status !== undefined || text !== undefined) {
    const code = fieldOf(headers, serviceErrorCode);
    const other = {
      name: 'ServiceError',
      ...(code !== undefined && { code }),
      message: text ?? '',
      facts: {},
    };
    return { status: status === 'refused' ? 'refused' : 'failed', failure: failureIn(body) ?? other };
  }
  return { status: 'answered', payload: payloadOf(fieldOf(headers, contentType) ?? jsonType, body) };
}

const nothing = new Uint8Array(0);

function payloadOf(type: string, bytes: Uint8Array): EncodedPayload {
  return { contentType: type, schemaVersion: 1, bytes };
}

function errorFields(code: string, text: string): Fields {
  return [
    [serviceError, text.replaceAll(/[^ -~]+/g, '?').slice(0, 200)],
    [serviceErrorCode, code],
  ];
}

function readTimeout(value: string | undefined): number {
  const timeout = Number(value ?? defaultTimeout);
  return Number.isInteger(timeout) && timeout > 0 ? Math.min(timeout, longestDelay) : defaultTimeout;
}

function readTrace(headers: MsgHdrs): Trace {
  const correlationId = fieldOf(headers, 'ce-correlationid');
  const causationId = fieldOf(headers, 'ce-causationid');
  const traceparent = fieldOf(headers, 'traceparent');
  return {
    ...(correlationId !== undefined && { correlationId: decodeValue(correlationId) }),
    ...(causationId !== undefined && { causationId: decodeValue(causationId) }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

function failureIn(body: Uint8Array): ReturnType<typeof readFailure> {
  try {
    return readFailure(JSON.parse(Buffer.from(body).toString()));
  } catch {
    // Other software says it in its own words; the headers have what there is.
    return undefined;
  }
}
