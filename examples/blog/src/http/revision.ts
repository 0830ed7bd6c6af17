import { z } from 'zod';

/** The caller acted on another revision than there is. */
export class PreconditionFailedError extends Error {
  constructor(actual: number) {
    super(`It has changed: it is at revision ${actual} now. Read it again, then decide again.`);
  }
}

export function etag(revision: number): string {
  return `"${revision}"`;
}

// RFC 9110, 13.1.1 and 8.8.3: `*`, or a list of entity tags, weak ones included although none of them ever matches.
const entityTag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const wellFormed = new RegExp(String.raw`^\s*(?:\*|${entityTag}(?:\s*,\s*${entityTag})*)\s*$`);

/** The header `If-Match`: the write happens only at one of the revisions named. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(wellFormed, 'must be * or entity tags such as "3"')
    .optional()
    .describe('ETags of the revisions on which the request is based, or *'),
});

/**
 * Belongs into a decision, because that is made again on a newer state when another writer came first.
 *
 * @throws PreconditionFailedError
 */
export function requireRevision(header: string | undefined, actual: number): void {
  // What is not there has no revision; that it is missing is said by who looks for it.
  if (header === undefined || header.trim() === '*' || actual === 0) return;
  const tags: readonly string[] = header.match(new RegExp(entityTag, 'g')) ?? [];
  if (!tags.includes(etag(actual))) throw new PreconditionFailedError(actual);
}
