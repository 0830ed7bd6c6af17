import { testRepository } from '../testing.ts';
import { memoryRepository } from './memory-repository.ts';

testRepository('memory', async (options) => {
  const repository = memoryRepository(options);
  return { repository, another: async () => repository };
});
