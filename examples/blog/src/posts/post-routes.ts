import { type App, findRow } from '@pipit/bootstrap';
import {
  ifMatch,
  problems,
  type RoutedApp,
  type Routes,
  requireRevision,
  routesOf,
  withHeaders,
} from '@pipit/bootstrap/fastify';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { idOf, referenceTo, text } from '../http/fields.ts';
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
  app: RoutedApp<typeof Post> & Pick<App, 'sagas'>,
  { authors, publishing }: { readonly authors: AuthorView; readonly publishing: PublishingSaga },
): Routes[] {
  const { create, decide } = routesOf(app, { tags });
  return [
    create('POST /posts', Post, {
      summary: 'Draft a post',
      body: z.strictObject({ authorId: referenceTo('author'), title, body }),
      problems: [404],
      async events({ body }) {
        if (!(await findRow(app, authors, body.authorId))) throw new NotFoundError('user', 'authorId');
        return draftPost(body);
      },
      location: '/posts/:id',
    }),

    decide('PATCH /posts/:id', Post, {
      summary: 'Edit a post',
      description: 'Drafts and published posts can be edited.',
      body: z
        .strictObject({ title: title.optional(), body: body.optional() })
        .refine((changes) => Object.keys(changes).length > 0, 'holds neither title nor body'),
      decide: (post, { body }) => editPost(post, body),
      answer: changed,
      toAnswer({ id, state }) {
        if (state === undefined) throw new NotFoundError('post');
        return { id, ...state };
      },
    }),

    publishRoute(app, publishing),
  ];
}

/** A route of Fastify like any other: it starts what goes on after the answer. */
function publishRoute(
  { store, sagas }: RoutedApp<typeof Post> & Pick<App, 'sagas'>,
  publishing: PublishingSaga,
): Routes {
  return async (server) => {
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
            202: withHeaders(
              z.object({ sagaId: z.string() }).describe('Going to be published'),
              'location',
              'position',
              'operation',
            ),
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
