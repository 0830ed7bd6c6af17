import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';

export const Checked = defineEvent(
  'text-checked',
  z.object({ saga: z.string(), verdict: z.enum(['good', 'bad']) }),
);
export const Submitted = defineEvent('post-submitted', z.object({ slug: z.string() }));

/** The world outside, which tells a repetition by its key. */
export function world() {
  const calls: string[] = [];
  const effects = new Map<string, number>();
  let broken: (key: string, attempt: number) => unknown = () => {};

  return {
    calls,
    /** Keys of what has been done, each once. */
    get effects() {
      return [...effects.keys()].toSorted();
    },
    /** What it throws, or waits for, stands in the way of a call. */
    breaks(with_: (key: string, attempt: number) => unknown) {
      broken = with_;
    },
    async call(key: string, attempt = 1) {
      calls.push(key);
      await broken(key, attempt);
      effects.set(key, (effects.get(key) ?? 0) + 1);
    },
  };
}

export type World = ReturnType<typeof world>;

/** Reserve, ask, wait for the answer, publish, tell: the last one cannot be undone. */
export function publishingIn({ call }: World) {
  return defineSaga({
    name: 'publishing',
    input: z.object({ slug: z.string(), isQuiet: z.boolean().default(false) }),
    events: [Checked, Submitted],
    startOn: {
      'post-submitted': ({ aggregate, data }) => ({ id: aggregate.id, input: { slug: data.slug } }),
    },
    correlate: { 'text-checked': ({ data }) => data.saga },
    steps: (saga) =>
      saga
        .step('reserve', {
          async run({ input, key, attempt }) {
            await call(key, attempt);
            return { slug: input.slug };
          },
          compensate: ({ key, attempt }) => call(key, attempt),
        })
        .step('ask', {
          run: ({ key, attempt }) => call(key, attempt),
          compensate: ({ key, attempt }) => call(key, attempt),
        })
        .waitFor('verdict', 'text-checked', { within: 3_600_000 })
        .step('publish', {
          async run({ results: { verdict, reserve }, key, attempt }) {
            if (verdict.verdict === 'bad') throw new RefusedError();
            await call(key, attempt);
            return `/posts/${reserve.slug}`;
          },
          retry: { when: (error) => !(error instanceof RefusedError) },
        })
        .step('tell', {
          when: ({ input }) => !input.isQuiet,
          run: ({ key, attempt }) => call(key, attempt),
        }),
  });
}

class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** An event of a store, as it is delivered. */
export function recorded(
  definition: { readonly type: string },
  data: unknown,
  id: string = crypto.randomUUID(),
) {
  return {
    id,
    type: definition.type,
    aggregate: { type: 'text', id: 'p1' },
    revision: 1,
    schemaVersion: 1,
    time: new Date(),
    data,
    metadata: {},
    correlationId: id,
    causationId: undefined,
    traceparent: undefined,
    store: 'blog',
    position: 1,
  };
}
