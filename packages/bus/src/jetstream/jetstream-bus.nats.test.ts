import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll } from 'vitest';
import { testBus } from '../testing/bus-contract.ts';
import { Joined, openBlog, Post, publish, User } from './blog.fixture.ts';
import { jetStreamTopics } from './topics/jetstream-topics.ts';

let server: NatsServer;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

for (const layout of ['aggregate', 'event'] as const) {
  testBus(`a bus on JetStream, layout ${layout},`, async (logger) => {
    stores += 1;
    const blog = await openBlog(server, `contract-${stores}`, layout);
    Object.assign(blog.logger, logger);
    return {
      async publish(id, ...titles) {
        return (await blog.store.append(Post, id, titles.map(publish))).position;
      },
      async join(id) {
        return (await blog.store.append(User, id, Joined.create({ name: 'Ada' }))).position;
      },
      topics: () => jetStreamTopics({ connection: blog.connection, store: blog.store.name }),
      instance: () => blog.instance(2_000),
      kill: (bus) => blog.kill(bus),
      close: () => blog.close(),
    };
  });
}
