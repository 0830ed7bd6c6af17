import { createHash, timingSafeEqual } from 'node:crypto';
import type { onRequestHookHandler } from 'fastify';

/** What the documentation says of a route that asks for the token. */
export const adminOnly = { tags: ['admin'], security: [{ admin: [] }] };
export const adminSecurity = { admin: { type: 'http', scheme: 'bearer' } } as const;

/** What a token can be made of, RFC 6750, 2.1. */
export const wellFormedToken = /^[A-Za-z0-9\-._~+/]+=*$/;

export class UnauthorizedError extends Error {
  override readonly name = 'UnauthorizedError';

  constructor() {
    super('This takes the administrator’s token: Authorization: Bearer <ADMIN_TOKEN>.');
  }
}

/** Lets through only requests with the token. How long it takes says nothing of what is right about a wrong one. */
export function requireToken(token: string): onRequestHookHandler {
  const expected = digest(token);
  return async (request, reply) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    const error = given === undefined ? '' : ', error="invalid_token"';
    reply.header('www-authenticate', `Bearer realm="admin"${error}`);
    throw new UnauthorizedError();
  };
}

/** Of one length, which comparing in constant time needs. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
