import { z } from 'zod';
import { ProblemError } from './problem.ts';

/** The caller acted on another revision than there is: 412. Nothing was done. */
export class PreconditionFailedError extends ProblemError {
  /** The revision there is; 0 where it does not exist. */
  readonly actual: number;

  constructor(actual: number) {
    const detail =
      actual === 0
        ? 'It does not exist, so it is at none of the revisions named.'
        : `It has changed: it is at revision ${actual} now. Read it again, then decide again.`;
    super({ status: 412, code: 'PRECONDITION_FAILED', detail });
    this.actual = actual;
  }
}

/** The entity tag of a revision: `"3"`. */
export function etag(revision: number): string {
  return `"${revision}"`;
}

// RFC 9110, 13.1.1 and 8.8.3: `*`, or a list of entity tags, weak ones included although none of them ever matches.
const entityTag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const wellFormed = new RegExp(String.raw`^\s*(?:\*|${entityTag}(?:\s*,\s*${entityTag})*)\s*$`);

/** The schema of a request's headers, as far as it is `If-Match`: the write happens only at one of the revisions named. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(wellFormed, 'must be * or entity tags such as "3"')
    .optional()
    .describe('ETags of the revisions on which the request is based, or *'),
});

/**
 * Refuses what was decided on another revision than there is. It belongs into a decision, because that is made again on a
 * newer state when another writer came first. What does not exist yet, revision 0, passes: whoever looks for it says so.
 *
 * @param header the request's `If-Match`, as `ifMatch` lets it through
 * @throws PreconditionFailedError
 */
export function requireRevision(header: string | undefined, actual: number): void {
  if (header === undefined || header.trim() === '*' || actual === 0) return;
  const tags: readonly string[] = header.match(new RegExp(entityTag, 'g')) ?? [];
  if (!tags.includes(etag(actual))) throw new PreconditionFailedError(actual);
}
