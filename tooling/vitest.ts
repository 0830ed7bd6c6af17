import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Most of what takes long waits for a server: two cores are enough for three files at a time. */
export const maxWorkers = Math.max(3, availableParallelism() - 1);

// Tests start some hundred processes, which compile the same modules: from a cache they need a fifth less to start.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(
  new URL('../node_modules/.cache/compiled', import.meta.url),
);

/** Tests lie beside their subject; `*.test-d.ts` are type tests, checked by the compiler. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    typecheck: { enabled: true, include: ['src/**/*.test-d.ts'], checker: 'tsc' },
    globalSetup: fileURLToPath(new URL('./nats-server.ts', import.meta.url)),
    allowOnly: process.env['CI'] === undefined,
    passWithNoTests: false,
    maxWorkers,
    // A process for each file costs half a second of a core and loads every module again: a fifth of the whole run.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A deadline that a busy machine can keep: a condition that comes true does not take longer for it.
    expect: { poll: { timeout: 20_000 } },
  },
});
