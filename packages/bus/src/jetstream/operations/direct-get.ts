import { setTimeout as delay } from 'node:timers/promises';
import {
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  headers as noHeaders,
  PermissionViolationError,
} from '@nats-io/nats-core';
import { PipitError } from '@pipit/types-registry';
import { OperationsReadError } from '../../operation-errors.ts';
import { findCause } from '../find-cause.ts';

/** What JetStream's direct get takes (ADR-31). */
export interface DirectRequest {
  readonly next_by_subj?: string;
  readonly seq?: number;
  /** RFC 3339. */
  readonly start_time?: string;
  readonly batch?: number;
  readonly max_bytes?: number;
  /** At most 1,024 subjects. */
  readonly multi_last?: readonly string[];
}

export interface DirectMessage {
  readonly subject: string;
  readonly sequence: number;
  /** Those of the server, `Nats-…`, among them. */
  readonly headers: MsgHdrs;
  readonly body: Uint8Array;
}

export interface DirectAnswer {
  readonly messages: readonly DirectMessage[];
  /** How many are left behind these. */
  readonly pending: number;
}

/** Where to ask. */
export interface DirectSource {
  readonly connection: NatsConnection;
  /** `$JS.API`, or what a domain or an imported account makes of it. */
  readonly prefix: string;
  readonly name: string;
}

export interface DirectStream extends DirectSource {
  /** Whether there is such a stream; fails where nobody knows. */
  exists(): Promise<boolean>;
}

/** Milliseconds that a question waits for the end of its answer, and after which asking is given up. */
const shortestSilence = 2_500;
const patience = 10_000;
const firstPause = 25;
const longestPause = 500;

/**
 * Any replica answers, so the newest messages may be missing.
 *
 * @returns `undefined` where there is no stream
 * @throws OperationsReadError
 */
export function directGet(stream: DirectStream, request: DirectRequest): Promise<DirectAnswer | undefined> {
  return untilAnswered(stream, () => askDirect(stream, request));
}

/**
 * Asks again until there is an answer: the connection may have been lost, or the server be starting.
 *
 * @returns `undefined` where there is no stream
 * @throws OperationsReadError
 */
export async function untilAnswered<Answer>(
  { connection, name, exists }: DirectStream,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  const deadline = Date.now() + patience;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (failure) {
      const cause = await reasonOf(failure);
      if (cause === undefined) return undefined;
      if (connection.isClosed() || isFinal(cause) || Date.now() >= deadline)
        throw new OperationsReadError(name, cause);
      await delay(Math.min(firstPause * 2 ** attempt, longestPause));
    }
  }

  /** Nobody answers for a stream that does not exist; but also for one without a leader. */
  async function reasonOf(failure: unknown): Promise<unknown> {
    if (findCause(NoRespondersError, failure) === undefined) return failure;
    try {
      return (await exists()) ? failure : undefined;
    } catch (error) {
      return error;
    }
  }
}

/** Asks once. @throws the client's error, or one that says what the server answered */
export async function askDirect(
  { connection, prefix, name }: DirectSource,
  request: DirectRequest,
): Promise<DirectAnswer> {
  const messages: DirectMessage[] = [];
  const answers = await connection.requestMany(`${prefix}.DIRECT.GET.${name}`, JSON.stringify(request), {
    strategy: 'timer',
    maxWait: shortestSilence,
  });
  for await (const answer of answers) {
    const sequence = answer.headers?.get('Nats-Sequence') ?? '';
    if (sequence !== '') {
      const subject = answer.headers?.get('Nats-Subject') ?? '';
      const headers = answer.headers ?? noHeaders();
      messages.push({ subject, sequence: Number(sequence), headers, body: answer.data });
    } else if (isEnd(answer)) {
      return { messages, pending: Number(answer.headers?.get('Nats-Num-Pending') ?? 0) };
    }
  }
  throw new Error(`no complete answer in ${shortestSilence} ms`);
}

/** The server does not do it, whenever it is asked. */
class RefusedError extends Error {}

function isEnd({ headers }: Msg): boolean {
  const { code = 0, description = '' } = headers ?? {};
  // The end of a batch, and nothing found.
  if (code === 204 || code === 404) return true;
  throw new RefusedError(`the server answered ${code} ${description}`.trim());
}

function isFinal(error: unknown): boolean {
  return [PipitError, RefusedError, PermissionViolationError].some(
    (kind) => findCause(kind, error) !== undefined,
  );
}
