import type { FastifyInstance } from 'fastify';
import { whereJsonBreaks } from '../http/json-position.ts';
import { ProblemError } from '../http/problem.ts';

type Server = Pick<
  FastifyInstance,
  'addContentTypeParser' | 'getDefaultJsonParser' | 'removeAllContentTypeParsers'
>;

/** JSON alone, and nothing at all where a route needs nothing: clients like to name a type without sending a body. */
export function acceptJsonOnly(server: Server): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    if (text === '') return done(null, undefined);
    return void parse(request, text, (cause, value) => {
      if (cause === null) return done(null, value);
      const detail = whereJsonBreaks(text);
      return done(new ProblemError({ status: 400, code: 'MALFORMED_JSON', detail }, { cause }));
    });
  });
}
