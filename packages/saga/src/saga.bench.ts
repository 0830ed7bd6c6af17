import { defineBenchmark } from '@pipit/tooling/bench';
import { complete } from './bench/complete.bench.ts';
import { firstStep } from './bench/first-step.bench.ts';
import { openSetting, type SagaSetting } from './bench/setting.fixture.ts';
import { waiting } from './bench/waiting.bench.ts';

export default defineBenchmark<SagaSetting>({
  open: openSetting,
  close: (setting) => setting.close(),
  rows: [complete, firstStep, waiting],
});
