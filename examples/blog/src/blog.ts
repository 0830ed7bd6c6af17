import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type AppOptions, createApp } from '@pipit/bootstrap';
import { RepositoryError } from '@pipit/projection';
import { adminRoutes } from './admin/admin-routes.ts';
import { deadLetterRoutes } from './admin/dead-letter-routes.ts';
import { Comment } from './comments/comment.ts';
import { commentRoutes } from './comments/comment-routes.ts';
import { databaseProblem } from './database/database-problem.ts';
import { type Api, createApi } from './http/api.ts';
import { createHttpServer } from './http/http-server.ts';
import { Moderation } from './moderation/moderation.ts';
import { moderationRoutes } from './moderation/moderation-routes.ts';
import { fakeModeration } from './moderation/moderation-service.ts';
import type { FollowerView } from './notifications/follower-view.ts';
import { notificationRoutes } from './notifications/notification-routes.ts';
import { notifyAuthors } from './notifications/notify-authors.ts';
import { createOutbox } from './notifications/outbox.ts';
import { tellFollowers } from './notifications/tell-followers.ts';
import { operationRoutes } from './operations/operation-routes.ts';
import { announcePosts } from './posts/announcements.ts';
import { Post } from './posts/post.ts';
import { postQueryRoutes } from './posts/post-query-routes.ts';
import { postRoutes } from './posts/post-routes.ts';
import { publishingSaga } from './posts/publishing-saga.ts';
import { attentionRoutes } from './sagas/attention-routes.ts';
import { sagaRoutes } from './sagas/saga-routes.ts';
import type { BlogConfig } from './settings.ts';
import { noticeRenames } from './users/rename-notices.ts';
import { User } from './users/user.ts';
import { userRoutes } from './users/user-routes.ts';
import { views } from './views.ts';

export interface Blog {
  readonly url: string;
  /** What `/admin` asks for. */
  readonly adminToken: string;
  stop(): Promise<void>;
}

export interface BlogOptions extends Pick<AppOptions, 'logger' | 'signals'> {
  readonly config: BlogConfig;
}

interface Running {
  readonly api: Api<typeof User | typeof Post | typeof Comment | typeof Moderation>;
  readonly followers: FollowerView;
}

/** Puts the blog together and starts it; it serves when this resolves. */
export async function startBlog({ config, ...options }: BlogOptions): Promise<Blog> {
  const { ADMIN_TOKEN, MODERATION_DEADLINE } = config.variables;
  const adminToken = ADMIN_TOKEN?.reveal() ?? randomBytes(24).toString('base64url');

  // Steps of a saga that was begun by an earlier process run as soon as there is an application, and need what is made of it.
  const running = Promise.withResolvers<Running>();
  const store = running.promise.then(({ api }) => api.store);
  const outbox = createOutbox();
  const moderation = fakeModeration(store);
  const publishing = publishingSaga({
    store,
    moderation,
    async tellFollowers(news) {
      const { api, followers } = await running.promise;
      await tellFollowers(api, followers, outbox, news);
    },
    deadline: MODERATION_DEADLINE,
  });

  const app = await createApp({
    ...options,
    config,
    name: 'blog',
    aggregates: [User, Post, Comment, Moderation],
    parts: [views],
    projections: (get) => Object.values(get(views)),
    sagas: [publishing],
  }).catch((error: unknown) => {
    throw error instanceof RepositoryError ? databaseProblem(error, config) : error;
  });

  try {
    const { users, posts, authors, commenters, commented, recipients, followers } = app.get(views);
    const api = createApi(app, Object.values(app.get(views)));
    running.resolve({ api, followers });
    announcePosts(app.bus, app.logger);
    noticeRenames(app.bus, app.logger);
    notifyAuthors(app.bus, api, recipients, outbox);
    const modules = [
      userRoutes(api, users),
      postRoutes(api, { authors, sagas: app.sagas, publishing }),
      postQueryRoutes(api, { posts, authors }),
      commentRoutes(api, { commented, commenters }),
      operationRoutes(app),
      sagaRoutes(app, publishing),
      adminRoutes(adminToken, [
        notificationRoutes(outbox),
        deadLetterRoutes(app),
        moderationRoutes(moderation),
        attentionRoutes(app, publishing),
      ]),
    ];
    const server = await createHttpServer(app, modules);
    const { host, port } = config.http;
    app.onStop('http', () => server.close());
    // It listens, and says that it lives, while the views are still being built.
    await server.listen({ port, host });
    await app.projections.caughtUp();
    const { port: actual } = server.server.address() as AddressInfo;
    return { url: `http://localhost:${actual}`, adminToken, stop: app.stop };
  } catch (error) {
    await app.stop();
    throw error;
  }
}
