import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import type { Api } from '../http/api.ts';
import { idOf, referenceTo, text } from '../http/fields.ts';
import { problems } from '../http/problem.ts';
import { writeAnswer } from '../http/write-answer.ts';
import { NotFoundError } from '../refusals.ts';
import { Comment } from './comment.ts';
import { addComment } from './comment-commands.ts';
import type { ReferenceView } from './reference-views.ts';

export function commentRoutes(
  { store, find, written }: Api<typeof Comment>,
  views: { readonly commented: ReferenceView; readonly commenters: ReferenceView },
): FastifyPluginAsyncZod {
  return async (server) => {
    server.post(
      '/posts/:id/comments',
      {
        schema: {
          tags: ['comments'],
          summary: 'Comment on a post',
          description: 'Drafts can be commented on as well: that is how they are reviewed.',
          params: idOf('post'),
          body: z.strictObject({ authorId: referenceTo('author'), text: text(10_000) }),
          response: {
            201: writeAnswer('Added', z.object({ id: z.string() })),
            ...problems(400, 404, 413, 415, 503),
          },
        },
      },
      async (request, reply) => {
        const postId = request.params.id;
        if (!(await find(views.commented, postId))) throw new NotFoundError('post');
        if (!(await find(views.commenters, request.body.authorId)))
          throw new NotFoundError('user', 'authorId');
        const id = newId();
        const comment = addComment({ postId, ...request.body });
        const write = await store.append(Comment, id, comment, { expected: 'none' });
        await written(reply, Comment, write);
        reply.code(201);
        return { id };
      },
    );
  };
}
