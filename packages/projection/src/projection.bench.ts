import { defineBenchmark } from '@pipit/tooling/bench';
import { kv } from './bench/kv.bench.ts';
import { postgres } from './bench/postgres.bench.ts';
import { openSetting, type ProjectionSetting } from './bench/setting.fixture.ts';

export default defineBenchmark<ProjectionSetting>({
  open: openSetting,
  close: (setting) => setting.close(),
  rows: [postgres, kv],
});
