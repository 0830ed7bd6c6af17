import { memoryStore } from './memory.ts';
import { testEventStore } from './testing.ts';

testEventStore('memoryStore', async (options) => ({ store: memoryStore({ name: 'bank', ...options }) }));
