import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type App, type AppOptions, createApp, findRow } from '@pipit/bootstrap';
import { serveHttp } from '@pipit/bootstrap/fastify';
import { RepositoryError } from '@pipit/projection';
import { adminRoutes } from './admin/admin-routes.ts';
import { deadLetterRoutes } from './admin/dead-letter-routes.ts';
import { Comment } from './comments/comment.ts';
import { commentRoutes } from './comments/comment-routes.ts';
import { commentedView, commenterView } from './comments/reference-views.ts';
import { databaseProblem } from './database/database-problem.ts';
import { openDatabase } from './database/open-database.ts';
import { blogProblems } from './http/blog-problems.ts';
import { document } from './http/documentation.ts';
import { Moderation } from './moderation/moderation.ts';
import { moderationRoutes } from './moderation/moderation-routes.ts';
import { fakeModeration } from './moderation/moderation-service.ts';
import { followerView } from './notifications/follower-view.ts';
import { notificationRoutes } from './notifications/notification-routes.ts';
import { notifyAuthors } from './notifications/notify-authors.ts';
import { createOutbox } from './notifications/outbox.ts';
import { recipientView } from './notifications/recipient-view.ts';
import { tellFollowers } from './notifications/tell-followers.ts';
import { operationRoutes } from './operations/operation-routes.ts';
import { announcePosts } from './posts/announcements.ts';
import { authorView } from './posts/author-view.ts';
import { Post } from './posts/post.ts';
import { postQueryRoutes } from './posts/post-query-routes.ts';
import { postRoutes } from './posts/post-routes.ts';
import { postView } from './posts/post-view.ts';
import { publishingSaga } from './posts/publishing-saga.ts';
import { attentionRoutes } from './sagas/attention-routes.ts';
import { sagaRoutes } from './sagas/saga-routes.ts';
import { noticeRenames } from './users/rename-notices.ts';
import { User } from './users/user.ts';
import { userRoutes } from './users/user-routes.ts';
import { userView } from './users/user-view.ts';

export interface Blog {
  readonly url: string;
  /** What `/admin` asks for. */
  readonly adminToken: string;
  stop(): Promise<void>;
}

export interface BlogOptions
  extends Pick<AppOptions, 'nats' | 'logLevel' | 'logger' | 'startTimeout' | 'signals' | 'env'> {
  /** 0 for a free one. */
  readonly port: number;
  /** Folder of the local server's data, and of views where there is no `databaseUrl`. */
  readonly dataDir: string;
  /** Of the PostgreSQL that views are kept in, and shared with other processes. Default: PGlite, in the `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Default: a random one. */
  readonly adminToken?: string;
  /** Milliseconds that the moderation of a text may take. Default: an hour. */
  readonly moderationDeadline?: number;
}

type Running = App<typeof User | typeof Post | typeof Comment | typeof Moderation>;

/** Puts the blog together and starts it; it serves when this resolves. */
export async function startBlog({
  port,
  adminToken = randomBytes(24).toString('base64url'),
  dataDir,
  databaseUrl,
  moderationDeadline = 3_600_000,
  ...config
}: BlogOptions): Promise<Blog> {
  const where = { url: databaseUrl, folder: join(dataDir, 'views') };
  const { db, close } = await openDatabase(where);
  const users = userView(db);
  const posts = postView(db);
  const authors = authorView(db);
  const commenters = commenterView(db);
  const commented = commentedView(db);
  const recipients = recipientView(db);
  const followers = followerView(db);
  const projections = [users, posts, authors, commenters, commented, recipients, followers];

  // Steps of a saga that was begun by an earlier process run as soon as there is an application, and need what is made of it.
  const running = Promise.withResolvers<Running>();
  const store = running.promise.then((parts) => parts.store);
  const outbox = createOutbox();
  const moderation = fakeModeration(store);
  const publishing = publishingSaga({
    store,
    moderation,
    tellFollowers: async (news) => {
      const app = await running.promise;
      await tellFollowers((postId) => findRow(app, followers, postId), outbox, news);
    },
    deadline: moderationDeadline,
  });

  const app = await createApp({
    ...config,
    name: 'blog',
    aggregates: [User, Post, Comment, Moderation],
    projections,
    sagas: [publishing],
    dataDir,
    onStop: { database: close },
  }).catch((error: unknown) => {
    throw error instanceof RepositoryError ? databaseProblem(error, where) : error;
  });
  try {
    running.resolve(app);
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
    const { url } = await serveHttp(app, { port, setup: document, problems: blogProblems, routes });
    await app.projections.caughtUp();
    return { url, adminToken, stop: app.stop };
  } catch (error) {
    await app.stop();
    throw error;
  }
}
