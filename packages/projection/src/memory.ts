export { type MemoryRepositoryOptions, memoryRepository } from './memory/memory-repository.ts';
