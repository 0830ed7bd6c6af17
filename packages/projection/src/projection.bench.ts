import { defineBenchmark } from '@pipit/tooling/bench';
import { full } from './bench/full.bench.ts';
import { kv } from './bench/kv.bench.ts';
import { live } from './bench/live.bench.ts';
import { postgres } from './bench/postgres.bench.ts';
import { rebuildInMemory } from './bench/rebuild-in-memory.bench.ts';
import { openSetting, type ProjectionSetting } from './bench/setting.fixture.ts';
import { shards } from './bench/shards.bench.ts';

export default defineBenchmark<ProjectionSetting>({
  open: openSetting,
  close: (setting) => setting.close(),
  rows: [rebuildInMemory, postgres, kv, shards, live, full],
});
