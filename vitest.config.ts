import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { failureList } from './tooling/failure-list.ts';

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*', 'tooling'],
    passWithNoTests: false,
    // Most of what takes long waits for a server: two cores are enough for three files at a time.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Continuous integration counts the tests from the report, and ends with the list of what failed.
    reporters:
      process.env['CI'] === undefined
        ? ['default']
        : ['default', ['json', { outputFile: 'test-report.json' }], failureList('test-failures.log')],
  },
});
