import { z } from 'zod';
import type { AuthorRow } from './author-view.ts';
import type { PostRow } from './post-view.ts';

const author = z.object({ id: z.string(), name: z.string() });

export const summary = z.object({
  id: z.string(),
  title: z.string(),
  author,
  published: z.boolean(),
  publishedAt: z.iso.datetime().optional(),
  slug: z.string().optional().describe('What a published post is called in a URL, and no other'),
});

export const whole = summary.extend({
  body: z.string(),
  comments: z.array(z.object({ id: z.string(), author, text: z.string() })),
});

/** The names that people have now, by their ids. */
type Names = ReadonlyMap<string, AuthorRow>;

/** Ids of those who are named with posts, or with posts and their comments. */
export function authorsOf(
  rows: readonly PostRow[],
  comments: 'with comments' | 'without comments',
): string[] {
  const people = rows.flatMap((row) => [row, ...(comments === 'with comments' ? row.comments : [])]);
  return [...new Set(people.map(({ authorId }) => authorId))];
}

/** A row as callers see it. */
export function summaryOf(
  { id, title, authorId, published, publishedAt, slug }: PostRow,
  names: Names,
): z.output<typeof summary> {
  const author = authorOf(authorId, names);
  return { id, title, author, published, ...(publishedAt && { publishedAt, ...(slug && { slug }) }) };
}

export function wholeOf(row: PostRow, names: Names): z.output<typeof whole> {
  const comments = row.comments.map(({ id, authorId, text }) => ({
    id,
    author: authorOf(authorId, names),
    text,
  }));
  return { ...summaryOf(row, names), body: row.body, comments };
}

function authorOf(id: string, names: Names): z.output<typeof author> {
  // Users are registered before they write, but the two views run side by side and this one may be a moment late.
  return { id, name: names.get(id)?.name ?? '' };
}
