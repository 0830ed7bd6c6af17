import { findRow } from '@pipit/bootstrap';
import { type RoutedApp, type Routes, routesOf } from '@pipit/bootstrap/fastify';
import { z } from 'zod';
import { referenceTo, text } from '../http/fields.ts';
import { NotFoundError } from '../refusals.ts';
import { Comment } from './comment.ts';
import { addComment } from './comment-commands.ts';
import type { ReferenceView } from './reference-views.ts';

export function commentRoutes(
  app: RoutedApp<typeof Comment>,
  { commented, commenters }: { readonly commented: ReferenceView; readonly commenters: ReferenceView },
): Routes[] {
  const { create } = routesOf(app, { tags: ['comments'] });
  return [
    create('POST /posts/:postId/comments', Comment, {
      summary: 'Comment on a post',
      description: 'Drafts can be commented on as well: that is how they are reviewed.',
      body: z.strictObject({ authorId: referenceTo('author'), text: text(10_000) }),
      problems: [404],
      async events({ params: { postId }, body }) {
        if (!(await findRow(app, commented, postId))) throw new NotFoundError('post');
        if (!(await findRow(app, commenters, body.authorId))) throw new NotFoundError('user', 'authorId');
        return addComment({ postId, ...body });
      },
    }),
  ];
}
