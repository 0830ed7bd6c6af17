import type { EventStore } from '@pipit/store';
import { expectTypeOf, test } from 'vitest';
import type { AggregateIndexer } from '../aggregate-indexer.ts';
import type { AggregateReader } from '../aggregate-reader.ts';
import type { Post, User } from '../blog.fixture.ts';
import { namesProjection } from '../names.fixture.ts';
import type { FullProjectionProgress } from './full-projection-progress.ts';
import type { FullReader } from './project-aggregates.ts';
import { runFullProjection } from './run-full-projection.ts';

test('every event store is an indexer and a reader of aggregates', () => {
  type Store = EventStore<typeof User | typeof Post>;
  expectTypeOf<Store>().toExtend<AggregateIndexer>();
  expectTypeOf<Store>().toExtend<AggregateReader>();
  expectTypeOf<EventStore>().toExtend<FullReader>();
});

test('it says how far it came', () => {
  const store = {} as EventStore<typeof User>;
  expectTypeOf(runFullProjection(store, namesProjection())).toEqualTypeOf<Promise<FullProjectionProgress>>();
});
