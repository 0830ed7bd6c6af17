import { defineBenchmark } from '@pipit/tooling/bench';
import { commands } from './bench/commands.bench.ts';
import { notUsed } from './bench/not-used.bench.ts';
import { publish } from './bench/publish.bench.ts';
import { type BusSetting, openSetting } from './bench/setting.fixture.ts';
import { subscribe } from './bench/subscribe.bench.ts';
import { subscribeInOrder } from './bench/subscribe-in-order.bench.ts';

export default defineBenchmark<BusSetting>({
  open: openSetting,
  close: (setting) => setting.close(),
  rows: [subscribe, subscribeInOrder, commands, publish, notUsed],
});
