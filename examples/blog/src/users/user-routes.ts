import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import type { Api } from '../http/api.ts';
import { idOf, text } from '../http/fields.ts';
import { problems } from '../http/problem.ts';
import { etag, ifMatch, requireRevision } from '../http/revision.ts';
import { writeAnswer } from '../http/write-answer.ts';
import { NotFoundError } from '../refusals.ts';
import { User } from './user.ts';
import { registerUser, renameUser } from './user-commands.ts';
import type { UserView } from './user-view.ts';

const tags = ['users'];
const body = z.strictObject({ name: text(200) });
const user = z.object({ id: z.string(), name: z.string() });

export function userRoutes(
  { store, find, written }: Api<typeof User>,
  users: UserView,
): FastifyPluginAsyncZod {
  return async (server) => {
    server.post(
      '/users',
      {
        schema: {
          tags,
          summary: 'Register a user',
          body,
          response: {
            201: writeAnswer('Registered', z.object({ id: z.string() })),
            ...problems(400, 413, 415, 503),
          },
        },
      },
      async (request, reply) => {
        const id = newId();
        const write = await store.append(User, id, registerUser(request.body.name), { expected: 'none' });
        await written(reply, User, write);
        reply.code(201).header('location', `/users/${id}`);
        return { id };
      },
    );

    server.patch(
      '/users/:id',
      {
        schema: {
          tags,
          summary: 'Rename a user',
          description: 'The new name reaches his posts and comments.',
          params: idOf('user'),
          headers: ifMatch,
          body,
          response: { 200: writeAnswer('Renamed', user), ...problems(400, 404, 409, 412, 413, 415, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { name } = request.body;
        const write = await store.execute(User, id, (state, at) => {
          requireRevision(request.headers['if-match'], at.revision);
          return renameUser(state, name);
        });
        await written(reply, User, write);
        return { id, name };
      },
    );

    server.get(
      '/users/:id',
      {
        schema: {
          tags,
          summary: 'Show a user',
          params: idOf('user'),
          response: { 200: user.describe('The user'), ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const row = await find(users, request.params.id);
        if (row === undefined) throw new NotFoundError('user');
        return reply.header('etag', etag(row.revision)).send({ id: row.id, name: row.name });
      },
    );
  };
}
