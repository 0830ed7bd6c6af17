import { createApp } from '../create-app.ts';
import { Post, Published } from '../post.fixture.ts';

/**
 * An application as a process of its own: publishes a post, says which revision it is at, and then does what the
 * argument asks for. Configured by the environment.
 */
const app = await createApp({ name: 'program', aggregates: [Post], stopTimeout: 60_000 });
app.onStop('farewell', () => process.stdout.write('stopped\n'));
const { revision } = await app.store.append(Post, 'p1', Published.create({ title: 'Hello' }));
app.bus.subscribe({ group: 'readers', on: { 'post-published': () => {} } });
process.stdout.write(`revision ${revision}\n`);

switch (process.argv[2]) {
  case 'stop':
    await app.stop();
    break;
  case 'hang':
    app.onStop('hanging', () => {
      process.stdout.write('hanging\n');
      return new Promise(() => {});
    });
    break;
}
