import type { FastifyReply, FastifyRequest } from 'fastify';
import { createProblem, type Problem, ProblemError, problemType } from '../http/problem.ts';
import { internal, type ProblemMapper, problemOf } from '../http/problem-of.ts';
import { fastifyRefusal } from './fastify-refusals.ts';
import { isWrite, type ServedApp } from './http-app.ts';
import { isHandled, operationHeader, type Recording, recordRefusal } from './recorded-writes.ts';

/** Makes problems of errors, those of requests that no handler has seen included. */
export function answerErrors(
  app: Pick<ServedApp, 'operations'>,
  options: Recording & { readonly problems?: ProblemMapper },
) {
  function problemFor(error: unknown, request: FastifyRequest, operation?: string): Problem {
    const situation = { isWrite: isWrite(request.method), isHandled: isHandled(request), operation };
    const { problems = () => undefined } = options;
    try {
      const problem = problemOf(error, situation, problems, (other) => fastifyRefusal(other, situation));
      const { status } = problem;
      if (Number.isInteger(status) && status >= 400 && status <= 599) return problem;
      throw new RangeError(`A problem has a status from 400 to 599, not ${status}.`, { cause: error });
    } catch (failure) {
      request.log.error({ err: failure }, 'what an error means could not be told');
      return createProblem(internal, operation);
    }
  }

  async function error(thrown: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // First, since a problem names the operation.
    await recordRefusal(app, options, { request, error: thrown }, reply);
    const operation = reply.getHeader(operationHeader);
    const problem = problemFor(thrown, request, typeof operation === 'string' ? operation : undefined);
    if (problem.status >= 500) {
      const level = problem.status === 503 ? 'warn' : 'error';
      const facts = { err: thrown, method: request.method, route: request.routeOptions.url };
      request.log[level]({ ...facts, code: problem.code }, 'request failed');
    }
    if (thrown instanceof ProblemError) reply.headers(thrown.headers);
    return send(problem, reply);
  }

  return {
    error,
    statusOf: (thrown: unknown, request: FastifyRequest) => problemFor(thrown, request).status,
    frameworkError: (thrown: unknown, request: FastifyRequest, reply: FastifyReply) =>
      send(problemFor(thrown, request), reply),
  };
}

function send(problem: Problem, reply: FastifyReply): FastifyReply {
  if (problem.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  // Without the serializer of the route's answers: a problem is the same for all.
  return reply.code(problem.status).type(problemType).serializer(JSON.stringify).send(problem);
}
