import type { App, AppOptions } from './app.ts';
import { createApp } from './create-app.ts';
import { listeningLogger, Post } from './post.fixture.ts';

interface Starting {
  readonly starting: Promise<App<typeof Post>>;
  /** What it logs. */
  readonly lines: readonly string[];
}

/** An application with posts that reads nothing of this process's environment, and leaves its signals alone. */
export function startApp(name: string, options: Partial<AppOptions<typeof Post>>): Starting {
  const { lines, logger } = listeningLogger();
  const starting = createApp({ name, aggregates: [Post], logger, signals: false, env: {}, ...options });
  return { starting, lines };
}
