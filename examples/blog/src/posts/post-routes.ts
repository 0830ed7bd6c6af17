import type { Sagas } from '@pipit/saga';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import type { Api } from '../http/api.ts';
import { idOf, referenceTo, text } from '../http/fields.ts';
import { problems } from '../http/problem.ts';
import { ifMatch, requireRevision } from '../http/revision.ts';
import { startAnswer, writeAnswer } from '../http/write-answer.ts';
import { NotFoundError } from '../refusals.ts';
import type { AuthorView } from './author-view.ts';
import { Post } from './post.ts';
import { draftPost, editPost, requireDraft } from './post-commands.ts';
import type { PublishingSaga } from './publishing-saga.ts';

const tags = ['posts'];
const title = text(500);
const body = text(100_000);
const changed = z.object({ id: z.string(), title: z.string(), body: z.string(), published: z.boolean() });

/** The routes that change posts; those that show them are in `post-query-routes.ts`. */
export function postRoutes(
  { store, find, written }: Api<typeof Post>,
  {
    authors,
    sagas,
    publishing,
  }: {
    readonly authors: AuthorView;
    readonly sagas: Pick<Sagas, 'start'>;
    readonly publishing: PublishingSaga;
  },
): FastifyPluginAsyncZod {
  return async (server) => {
    server.post(
      '/posts',
      {
        schema: {
          tags,
          summary: 'Draft a post',
          body: z.strictObject({ authorId: referenceTo('author'), title, body }),
          response: {
            201: writeAnswer('Drafted', z.object({ id: z.string() })),
            ...problems(400, 404, 413, 415, 503),
          },
        },
      },
      async (request, reply) => {
        if (!(await find(authors, request.body.authorId))) throw new NotFoundError('user', 'authorId');
        const id = newId();
        const write = await store.append(Post, id, draftPost(request.body), { expected: 'none' });
        await written(reply, Post, write);
        reply.code(201).header('location', `/posts/${id}`);
        return { id };
      },
    );

    server.patch(
      '/posts/:id',
      {
        schema: {
          tags,
          summary: 'Edit a post',
          description: 'Drafts and published posts can be edited.',
          params: idOf('post'),
          headers: ifMatch,
          body: z
            .strictObject({ title: title.optional(), body: body.optional() })
            .refine((changes) => Object.keys(changes).length > 0, 'holds neither title nor body'),
          response: { 200: writeAnswer('Edited', changed), ...problems(400, 404, 409, 412, 413, 415, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const write = await store.execute(Post, id, (post, at) => {
          requireRevision(request.headers['if-match'], at.revision);
          return editPost(post, request.body);
        });
        await written(reply, Post, write);
        if (write.state === undefined) throw new NotFoundError('post');
        return { id, ...write.state };
      },
    );

    server.post(
      '/posts/:id/publish',
      {
        schema: {
          tags,
          summary: 'Publish a post',
          description:
            'Begins a saga: the slug is reserved, the text checked, the post published, its followers told. What stands in the way undoes it. It is the text of now that is published: an edit meanwhile stands in the way as well.',
          params: idOf('post'),
          headers: ifMatch,
          response: {
            202: startAnswer('Going to be published', z.object({ sagaId: z.string() })),
            ...problems(400, 404, 409, 412, 503),
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { state, revision } = await store.load(Post, id);
        requireRevision(request.headers['if-match'], revision);
        const { edition } = requireDraft(state);
        // A new one for each time it is tried, so that a refusal is not for ever.
        const sagaId = newId();
        const { position } = await sagas.start(publishing, sagaId, { postId: id, edition });
        if (position !== undefined) reply.header('position', String(position));
        reply.code(202).header('location', `/sagas/${sagaId}`);
        return { sagaId };
      },
    );
  };
}
