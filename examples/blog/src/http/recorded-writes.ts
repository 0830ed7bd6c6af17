import type { OperationOptions, Operations } from '@pipit/bus';
import type { JsonValue } from '@pipit/types-registry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The answer's header with the id of the operation that the request was. */
const header = 'operation-id';
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What is kept of a body: bytes of JSON, and levels of nesting. */
const longestInput = 65_536;
const deepestInput = 20;

/**
 * Makes each write to a route that is added from now on an operation: its events, and what they lead to, are recorded
 * under the id that the answer carries. A handler returns its answer, so that the operation has ended when it leaves.
 */
export function recordWrites(scope: FastifyInstance, operations: Pick<Operations, 'operation'>): void {
  scope.addHook('onRoute', (route) => {
    if ([route.method].flat().every((method) => reading.has(method))) return;
    const { handler } = route;
    route.handler = async function (request, reply) {
      return operations.operation(operationOf(request), ({ id }) => {
        reply.header(header, id);
        return handler.call(this, request, reply);
      });
    };
  });
}

/** Records a write that was refused before its handler was reached; also such an answer names its operation. */
export async function recordRefusal(
  operations: Pick<Operations, 'operation'>,
  { request, error }: { readonly request: FastifyRequest; readonly error: unknown },
  reply: FastifyReply,
): Promise<void> {
  const isRoute = request.routeOptions.url !== undefined;
  if (!isRoute || reading.has(request.method) || reply.hasHeader(header)) return;
  // That it is refused can be told whether or not it is on record in time.
  const options = { ...operationOf(request), timeout: 1_000, unrecorded: 'run' } as const;
  const refused = operations.operation(options, ({ id }) => {
    reply.header(header, id);
    throw error;
  });
  await refused.catch(() => {});
}

function operationOf(request: FastifyRequest): OperationOptions {
  const { body, method, params, routeOptions } = request;
  const name = `${method} ${routeOptions.url}`;
  const sent = body === undefined ? undefined : inputOf(body);
  const about = params as Readonly<Record<string, string>>;
  const input = Object.keys(about).length === 0 ? sent : { ...about, body: sent };
  return { kind: 'command', name, ...(input !== undefined && { input }) };
}

/** Any JSON may have been sent; what is too much to be kept is named instead. */
function inputOf(body: unknown): JsonValue {
  if (isDeeper(body, deepestInput)) return { omitted: `more than ${deepestInput} levels` };
  const text = JSON.stringify(body);
  const size = Buffer.byteLength(text);
  // Read again: a number too large for JavaScript is null in JSON.
  return size > longestInput ? { omitted: `${size} bytes` } : (JSON.parse(text) as JsonValue);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
