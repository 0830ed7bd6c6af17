import type { Projection } from '../define-projection.ts';
import type { TaskWork } from '../scheduler/task.ts';
import type { FullProjectionProgress } from './full-projection-progress.ts';
import type { FullReader } from './project-aggregates.ts';
import { type FullProjectionOptions, runFullProjection } from './run-full-projection.ts';

export interface FullProjectionTask extends TaskWork<FullProjectionProgress> {
  /** How far the last run came, or has come; `undefined` before the first batch of the first one. */
  progress(): FullProjectionProgress | undefined;
}

/** A full projection as a task: `scheduler.schedule({ ...task, cron: '0 3 * * *' })`. Each attempt begins anew. */
export function fullProjectionTask<Row>(
  reader: FullReader,
  projection: Projection<Row>,
  options: Omit<FullProjectionOptions, 'signal'> = {},
): FullProjectionTask {
  let last: FullProjectionProgress | undefined;
  return {
    name: `full projection ${projection.name}`,
    async run({ signal }) {
      last = await runFullProjection(reader, projection, {
        ...options,
        signal,
        onProgress(progress) {
          last = progress;
          options.onProgress?.(progress);
        },
      });
      return last;
    },
    progress: () => last,
  };
}
