import preset from '@pipit/tooling/vitest';
import { defineConfig, mergeConfig } from 'vitest/config';

export default mergeConfig(
  preset,
  defineConfig({ test: { globalSetup: ['src/database/empty-database.fixture.ts'] } }),
);
