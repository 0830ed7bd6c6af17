import { memoryStore } from '@pipit/store/memory';
import { aggregates, Joined, Post, publish, User } from './jetstream/blog.fixture.ts';
import { memoryBus, memoryGroups, memoryTopicLog, memoryTopics } from './memory.ts';
import { testBus } from './testing/bus-contract.ts';

testBus('a memory bus', async (logger) => {
  const store = memoryStore({ name: 'blog', aggregates });
  const groups = memoryGroups();
  const topics = memoryTopicLog('blog');
  return {
    async publish(id, ...titles) {
      return (await store.append(Post, id, titles.map(publish))).position;
    },
    async join(id) {
      return (await store.append(User, id, Joined.create({ name: 'Ada' }))).position;
    },
    topics: async () => memoryTopics(topics),
    instance: async () => memoryBus({ store, aggregates, topics, groups, logger }),
    kill: (bus) => bus.stop({ timeout: 0 }),
    close: () => store.close(),
  };
});
