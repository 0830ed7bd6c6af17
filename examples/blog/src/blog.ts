import { randomBytes } from 'node:crypto';
import { type App, type AppOptions, createApp, findRow } from '@pipit/bootstrap';
import { serveHttp } from '@pipit/bootstrap/fastify';
import { slackAlerts } from '@pipit/bus/slack';
import { RepositoryError } from '@pipit/projection';
import { adminRoutes } from './admin/admin-routes.ts';
import { deadLetterRoutes } from './admin/dead-letter-routes.ts';
import { Comment } from './comments/comment.ts';
import { commentRoutes } from './comments/comment-routes.ts';
import { databaseProblem } from './database/database-problem.ts';
import { blogProblems } from './http/blog-problems.ts';
import { document } from './http/documentation.ts';
import { Moderation } from './moderation/moderation.ts';
import { moderationRoutes } from './moderation/moderation-routes.ts';
import { fakeModeration } from './moderation/moderation-service.ts';
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

type BlogApp = App<typeof User | typeof Post | typeof Comment | typeof Moderation>;

/** Puts the blog together and starts it; it serves when this resolves. */
export async function startBlog({ config, ...options }: BlogOptions): Promise<Blog> {
  const { ADMIN_TOKEN, MODERATION_DEADLINE, SLACK_WEBHOOK_URL } = config.variables;
  const adminToken = ADMIN_TOKEN?.reveal() ?? randomBytes(24).toString('base64url');

  // Steps of a saga that was begun by an earlier process run as soon as there is an application, and need what is made of it.
  const running = Promise.withResolvers<BlogApp>();
  const store = running.promise.then((app) => app.store);
  const outbox = createOutbox();
  const moderation = fakeModeration(store);
  const publishing = publishingSaga({
    store,
    moderation,
    async tellFollowers(news) {
      const app = await running.promise;
      await tellFollowers((postId) => findRow(app, app.get(views).followers, postId), outbox, news);
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
    ...(SLACK_WEBHOOK_URL && { alerts: slackAlerts({ url: SLACK_WEBHOOK_URL.reveal() }) }),
  }).catch((error: unknown) => {
    throw error instanceof RepositoryError ? databaseProblem(error, config) : error;
  });

  try {
    running.resolve(app);
    const { users, posts, authors, commenters, commented, recipients } = app.get(views);
    announcePosts(app.bus, app.logger);
    noticeRenames(app.bus, app.logger);
    notifyAuthors(app.bus, (postId) => findRow(app, recipients, postId), outbox);
    const routes = [
      ...userRoutes(app, users),
      ...postRoutes(app, { authors, publishing }),
      ...postQueryRoutes(app, { posts, authors }),
      ...commentRoutes(app, { commented, commenters }),
      operationRoutes(app),
      sagaRoutes(app, publishing),
      adminRoutes(adminToken, [
        notificationRoutes(outbox),
        deadLetterRoutes(app),
        moderationRoutes(moderation),
        attentionRoutes(app, publishing),
      ]),
    ];
    // It listens, and says that it lives, while the views are still being built.
    const { url } = await serveHttp(app, { setup: document, problems: blogProblems, routes });
    await app.projections.caughtUp();
    return { url, adminToken, stop: app.stop };
  } catch (error) {
    await app.stop();
    throw error;
  }
}
