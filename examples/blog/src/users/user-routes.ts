import { type RoutedApp, type Routes, routesOf } from '@pipit/bootstrap/fastify';
import { z } from 'zod';
import { text } from '../http/fields.ts';
import { NotFoundError } from '../refusals.ts';
import { User } from './user.ts';
import { registerUser, renameUser } from './user-commands.ts';
import type { UserView } from './user-view.ts';

const body = z.strictObject({ name: text(200) });
const user = z.object({ id: z.string(), name: z.string() });

export function userRoutes(app: RoutedApp<typeof User>, users: UserView): Routes[] {
  const { create, decide, show } = routesOf(app, { tags: ['users'] });
  return [
    create('POST /users', User, {
      summary: 'Register a user',
      body,
      events: ({ body }) => registerUser(body.name),
      location: '/users/:id',
    }),

    decide('PATCH /users/:id', User, {
      summary: 'Rename a user',
      description: 'The new name reaches his posts and comments.',
      body,
      decide: (state, { body }) => renameUser(state, body.name),
      answer: user,
      toAnswer: ({ id, body }) => ({ id, name: body.name }),
    }),

    show('GET /users/:id', users, {
      summary: 'Show a user',
      answer: user,
      missing: () => new NotFoundError('user'),
    }),
  ];
}
