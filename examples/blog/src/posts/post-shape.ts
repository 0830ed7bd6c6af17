import { z } from 'zod';
import { authorView } from './author-view.ts';
import type { PostRow } from './post-view.ts';

const author = z.object({ id: z.string(), name: z.string() });

export const summary = z.object({
  id: z.string(),
  title: z.string(),
  author,
  published: z.boolean(),
  publishedAt: z.iso.datetime().optional(),
});

export const whole = summary.extend({
  body: z.string(),
  comments: z.array(z.object({ id: z.string(), author, text: z.string() })),
});

/** A row as callers see it, with the names that its people have now. */
export async function summaryOf({
  id,
  title,
  authorId,
  publishedAt,
}: PostRow): Promise<z.output<typeof summary>> {
  return {
    id,
    title,
    author: await authorOf(authorId),
    published: publishedAt !== undefined,
    ...(publishedAt && { publishedAt: publishedAt.toISOString() }),
  };
}

export async function wholeOf(row: PostRow): Promise<z.output<typeof whole>> {
  const comments = row.comments.map(async ({ id, authorId, text }) => ({
    id,
    author: await authorOf(authorId),
    text,
  }));
  return { ...(await summaryOf(row)), body: row.body, comments: await Promise.all(comments) };
}

async function authorOf(id: string): Promise<z.output<typeof author>> {
  // Users are registered before they write, but the two views run side by side and this one may be a moment late.
  const row = await authorView.repository.get(id);
  return { id, name: row?.name ?? '' };
}
