import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { HttpServer } from '@pipit/bootstrap/fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { adminSecurity } from '../admin/bearer-token.ts';

/** The API for people at `/docs`, and for programs at `/openapi.json`: all routes that are added later. */
export async function document(server: HttpServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pipit blog',
        version: '1.0.0',
        description:
          'Users, posts and comments. Writes answer with the revision as `ETag`; sent back as `If-Match` it makes a later write conditional. They also answer with the `Position` of what was written in the log; `GET /posts/{id}?after=` waits until it is shown, whichever process was written to. Answers to writes also name what was recorded of them, as `Operation-Id`; `/operations/{id}` shows it.',
      },
      components: { securitySchemes: adminSecurity },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await server.register(swaggerUi, { routePrefix: '/docs' });
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
}
