import { memoryStore } from '@pipit/store/memory';
import { afterEach, beforeEach } from 'vitest';
import { Post, User } from './blog.fixture.ts';
import type { Projection } from './define-projection.ts';
import type { EventReader } from './event-reader.ts';
import { type RunOptions, runProjection } from './run/run-projection.ts';
import type { RunningProjection } from './run/running-projection.ts';

const open = () => memoryStore({ name: 'blog', aggregates: [User, Post] });
const running: RunningProjection[] = [];
const log = (facts: object, message: string) => logged.push([message, { ...facts }]);
const logger = { info: log, warn: log, error: log };

/** Of the test that runs, in a file that calls `storeForEachTest`. */
export let store: ReturnType<typeof open>;
/** What the runs of the test have said. */
export let logged: [string, Record<string, unknown>][];

export function storeForEachTest(): void {
  beforeEach(() => {
    store = open();
    logged = [];
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((projection) => projection.stop()));
    await store.close();
  });
}

/** Ends with the test. */
export function run<Row>(
  reader: EventReader,
  projection: Projection<Row>,
  options: RunOptions = {},
): RunningProjection {
  const started = runProjection(reader, projection, { logger, ...options });
  running.push(started);
  return started;
}
