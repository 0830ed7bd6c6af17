import { defineConfig } from 'vitest/config';
import { failureList } from './tooling/failure-list.ts';
import { LongestFirst } from './tooling/longest-first.ts';
import { maxWorkers } from './tooling/vitest.ts';

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*', 'docs', 'tooling'],
    passWithNoTests: false,
    maxWorkers,
    sequence: { sequencer: LongestFirst },
    // Continuous integration counts the tests from the report, and ends with the list of what failed.
    reporters:
      process.env['CI'] === undefined
        ? ['default']
        : ['default', ['json', { outputFile: 'test-report.json' }], failureList('test-failures.log')],
  },
});
