import { defineBenchmark } from '@pipit/tooling/bench';
import { appendAtomically } from './bench/append-atomically.bench.ts';
import { appendMany, appendManyByHand } from './bench/append-many.bench.ts';
import { appendOne } from './bench/append-one.bench.ts';
import { execute } from './bench/execute.bench.ts';
import { ids } from './bench/ids.bench.ts';
import { load } from './bench/load.bench.ts';
import { read } from './bench/read.bench.ts';
import { openSetting, type StoreSetting } from './bench/setting.fixture.ts';
import { snapshot } from './bench/snapshot.bench.ts';

export default defineBenchmark<StoreSetting>({
  open: openSetting,
  close: (setting) => setting.close(),
  rows: [appendOne, appendMany, appendManyByHand, appendAtomically, load, snapshot, execute, ids, read],
});
