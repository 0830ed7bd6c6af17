import type { JsonInput, OperationOptions, Operations } from '@pipit/bus';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { aroundRequest, type HandledRequest } from '../http/around-request.ts';
import { recordedInput } from '../http/recorded-input.ts';
import { isWrite } from './http-app.ts';

/** The answer's header with the id of the operation that the request was. */
export const operationHeader = 'operation-id';

interface Recorder {
  readonly operations: Pick<Operations, 'operation'>;
}

export interface Recording {
  /**
   * What is kept of a write on record; `undefined` for nothing. Default: the parameters of its path and its body, up to
   * 64 KiB and 20 levels. Leave out here what must not be kept, such as passwords.
   */
  readonly recordedInput?: (request: FastifyRequest) => JsonInput;
}

/**
 * Puts the caller's trace around the handler of each route that is added from now on, and makes each write an operation: its events,
 * and what they lead to, are recorded under the id that the answer carries, and each log line of the request has. A handler
 * returns its answer, so that the operation has ended when it leaves.
 */
export function recordWrites(
  scope: FastifyInstance,
  { operations, telemetry }: Recorder & Pick<App, 'telemetry'>,
  recording: Recording,
  statusOf: (error: unknown, request: FastifyRequest) => number,
): void {
  scope.addHook('onRoute', (route) => {
    const { handler, url } = route;
    route.handler = function (request, reply) {
      const handle = () => {
        const answer: unknown = handler.call(this, request, reply);
        // It answers later, by `reply.send`: that no promise is returned says so to Fastify as well.
        return answer === undefined && !reply.sent ? closed(reply) : answer;
      };
      const recorded = () =>
        operations.operation(operationOf(request, recording), ({ id }) => named(id, request, reply, handle));
      return aroundRequest(
        telemetry,
        handledRequest(request, url),
        { status: () => reply.statusCode, statusOf: (error) => statusOf(error, request) },
        isWrite(request.method) ? recorded : handle,
      );
    };
  });
}

/** Resolves when the answer was sent, or nobody waits for it any longer. */
async function closed({ raw }: FastifyReply): Promise<void> {
  if (!raw.closed) await new Promise((resolve) => raw.once('close', resolve));
}

function handledRequest(
  { method, url, headers: { traceparent } }: FastifyRequest,
  route: string,
): HandledRequest {
  const [path = url] = url.split('?', 1);
  return { method, path, route, traceparent: typeof traceparent === 'string' ? traceparent : undefined };
}

async function named(
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
  handle: () => unknown,
): Promise<unknown> {
  name(id, request, reply);
  const answer = await handle();
  // Its time was up before, and the caller has been told.
  return reply.sent ? undefined : answer;
}

/** Records a write that was refused before its handler was reached; also such an answer names its operation. */
export async function recordRefusal(
  { operations }: Recorder,
  recording: Recording,
  { request, error }: { readonly request: FastifyRequest; readonly error: unknown },
  reply: FastifyReply,
): Promise<void> {
  if (request.is404 || !isWrite(request.method) || reply.hasHeader(operationHeader)) return;
  // That it is refused can be told whether or not it is on record in time.
  const options = { ...operationOf(request, recording), timeout: 1_000, unrecorded: 'run' } as const;
  const refused = operations.operation(options, ({ id }) => {
    name(id, request, reply);
    throw error;
  });
  const [outcome] = await Promise.allSettled([refused]);
  if (outcome.status === 'rejected' && outcome.reason !== error)
    request.log.warn({ err: outcome.reason }, 'a refused request is not on record');
}

function name(id: string, request: FastifyRequest, reply: FastifyReply): void {
  reply.header(operationHeader, id);
  const log = request.log.child({ operation: id });
  request.log = log;
  reply.log = log;
}

function operationOf(request: FastifyRequest, recording: Recording): OperationOptions {
  const { recordedInput: chosen = everything } = recording;
  const input = chosen(request);
  return {
    kind: 'command',
    name: `${request.method} ${request.routeOptions.url}`,
    ...(input !== undefined && { input }),
  };
}

function everything({ params, body }: FastifyRequest): JsonInput {
  return recordedInput((params ?? {}) as Readonly<Record<string, string>>, body);
}
