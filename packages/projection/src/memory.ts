export { memoryRepository } from './memory/memory-repository.ts';
