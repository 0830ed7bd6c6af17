import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Files that take half a minute or more: whichever of them begins last, the run waits for it with one core idle. */
const longest = [
  'examples/blog/src/main.nats.test.ts',
  'packages/bus/src/jetstream/faults/handlers-that-kill.nats.test.ts',
  'packages/bus/src/jetstream/moving/moving-a-group.nats.test.ts',
  'packages/projection/src/kv/kv-projection.nats.test.ts',
  'packages/store/src/jetstream.nats.test.ts',
  'packages/saga/src/faults/killed-processes.nats.test.ts',
];

/** The files that take longest begin first, then those of one package after the other. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at < 0 ? longest.length : at;
    };
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}
