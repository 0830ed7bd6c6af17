import type { SubjectLayout } from '@pipit/types-registry';
import pLimit from 'p-limit';
import type { Appended, AppendRequest } from '../event-log.ts';
import { type AppendContext, append } from './append.ts';
import { timedOut } from './append-failures.ts';

/** Batches that this store has open at once; a stream takes 50 of all its clients (ADR-50). */
const openBatches = 32;

export interface AppendQueue {
  append(request: AppendRequest): Promise<Appended>;
  /** Resolves when everything that was queued has settled. */
  idle(): Promise<void>;
}

/** Appends of this process to one aggregate wait for each other instead of racing. */
export function appendQueue(context: AppendContext): AppendQueue {
  const { layout, store }: { readonly layout: SubjectLayout; readonly store: string } = context;
  const batches = pLimit(openBatches);
  const lastInLine = new Map<string, Promise<unknown>>();

  function perform(request: AppendRequest, deadline: number): Promise<Appended> {
    const run = () => append(context, request, deadline);
    return isBatch(request) ? batches(run) : run();
  }

  async function takeTurn(
    before: readonly Promise<unknown>[],
    request: AppendRequest,
    deadline: number,
  ): Promise<Appended> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(timedOut(request)), Math.max(0, deadline - Date.now()));
    try {
      await Promise.race([Promise.all(before), late]);
    } finally {
      clearTimeout(timer);
    }
    return perform(request, deadline);
  }

  return {
    append(request) {
      const deadline = Date.now() + request.timeout;
      const keys = request.parts.map(({ aggregate }) => layout.aggregateFilter(store, aggregate));
      const before = keys.flatMap((key) => lastInLine.get(key) ?? []);
      const appended = before.length === 0 ? perform(request, deadline) : takeTurn(before, request, deadline);
      // Who gives up waiting leaves the line only when those before have.
      const line =
        before.length === 0 ? settled(appended) : settled(Promise.allSettled([...before, appended]));
      for (const key of keys) lastInLine.set(key, line);
      void line.then(() => {
        for (const key of keys) if (lastInLine.get(key) === line) lastInLine.delete(key);
      });
      return appended;
    },
    async idle() {
      await Promise.all(lastInLine.values());
    },
  };
}

/** Never rejects: what fails is told to the caller of the append. */
function settled(work: Promise<unknown>): Promise<void> {
  const done = () => {};
  return work.then(done, done);
}

function isBatch({ parts }: AppendRequest): boolean {
  return parts.length > 1 || (parts[0]?.drafts.length ?? 0) > 1;
}
