import { testProjection } from '../testing.ts';
import { memoryRepository } from './memory-repository.ts';

testProjection('memory', async (options) => {
  const repository = memoryRepository(options);
  return { repository, another: async () => repository };
});
