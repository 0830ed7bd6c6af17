import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp } from '@pipit/bootstrap';
import { SingleBar } from 'cli-progress';
import { Comment } from '../comments/comment.ts';
import { Post } from '../posts/post.ts';
import { readSettings } from '../settings.ts';
import { User } from '../users/user.ts';
import { seedPlan } from './plan.ts';
import { seedStore } from './seed-store.ts';

const usage = `Usage: npx pnpm@12 --filter blog seed -- [options]

  --users     1000
  --posts     10000; nine of ten are published
  --comments  50000
  --seed      another number adds others (1)

It writes to the server that the blog is configured with: NATS_URL, or the local one, while no blog runs on it.`;

const inUse =
  'A blog is running on this data, with a server of its own. Stop it and seed again, or name a server for both: NATS_URL.';

const { values } = parseArgs({
  // pnpm hands on the two dashes.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    users: { type: 'string', default: '1000' },
    posts: { type: 'string', default: '10000' },
    comments: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const numbers = [values.users, values.posts, values.comments, values.seed].map(Number);

if (values.help) {
  console.log(usage);
} else if (numbers.every((number) => Number.isSafeInteger(number) && number >= 1)) {
  const [users = 0, posts = 0, comments = 0, seed = 0] = numbers;
  try {
    await seedBlog({ users, posts, comments, seed });
  } catch (error) {
    console.error(isInUse(error) ? inUse : error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
} else {
  console.error(usage);
  process.exitCode = 1;
}

async function seedBlog(sizes: Parameters<typeof seedPlan>[0]): Promise<void> {
  const config = readSettings(process.env, fileURLToPath(new URL('../..', import.meta.url)));
  await using app = await createApp({ name: 'blog', aggregates: [User, Post, Comment], config });
  const plan = seedPlan(sizes);
  const total = plan.phases.reduce((sum, { changes }) => sum + changes.length, 0);
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} | {of} | {duration_formatted}',
    // A line every two seconds where there is no terminal.
    noTTYOutput: true,
  });
  bar.start(total, 0, { of: 'users' });
  // It draws itself again and again, and keeps the process alive, until it is stopped.
  const report = await seedStore(app.store, plan, (done, of) => bar.update(done, { of })).finally(() =>
    bar.stop(),
  );
  const { events, seconds, found } = report;
  if (found > 0) console.log(`${found} of ${total} were there. Another --seed adds others.`);
  if (events > 0) {
    console.log(`${events} events in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} per second`);
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'STORE_IN_USE';
}
