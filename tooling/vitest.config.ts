import { defineConfig } from 'vitest/config';
import { maxWorkers } from './vitest.ts';

export default defineConfig({ test: { include: ['*.test.ts'], maxWorkers, testTimeout: 60_000 } });
