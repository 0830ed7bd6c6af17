import { defineSaga } from '@pipit/saga';
import type { EventStore } from '@pipit/store';
import { z } from 'zod';
import { TextChecked } from '../moderation/moderation-events.ts';
import { NotFoundError, Refusal, TextRefusedError } from '../refusals.ts';
import { Post } from './post.ts';
import { publishPost, releaseSlug, reserveSlug } from './post-commands.ts';

/** What publishing stands on. */
export interface PublishingParts {
  /** The saga is defined before the store is there, which has to know it. */
  readonly store: Promise<Pick<EventStore<typeof Post>, 'load'>>;
  readonly moderation: {
    /** The verdict comes as `text-checked`. */
    ask(question: { readonly sagaId: string; readonly key: string; readonly text: string }): Promise<void>;
    withdraw(question: { readonly sagaId: string; readonly key: string }): Promise<void>;
  };
  /** Once for each key, also when it is called again. */
  readonly tellFollowers: (news: { readonly postId: string; readonly key: string }) => Promise<void>;
  /** Milliseconds that the moderation may take. */
  readonly deadline: number;
}

export type PublishingSaga = ReturnType<typeof publishingSaga>;

/** It gives up soon, so that a demonstration need not wait for it. What the blog refuses is refused again. */
const soon = {
  attempts: 4,
  backoff: 500,
  when: (error: Error) => !(error instanceof Refusal) && !('code' in error && error.code === 'KEY_TAKEN'),
} as const;
/** What is published stays so: what is left to be done then is tried until it is. */
const untilItIsDone = { attempts: Number.MAX_SAFE_INTEGER } as const;

/** Publishes a post: reserves its slug, has its text checked, and tells of it; or gives the slug back. */
export function publishingSaga({ store, moderation, tellFollowers, deadline }: PublishingParts) {
  return defineSaga({
    name: 'publishing',
    input: z.object({ postId: z.string(), edition: z.int() }),
    events: [TextChecked],
    correlate: { 'text-checked': ({ aggregate }) => aggregate.id },
    steps: (saga) =>
      saga
        .step('reserve-slug', {
          retry: soon,
          run: ({ id, input, execute }) =>
            execute(Post, input.postId, (post) => reserveSlug(post, { ...input, sagaId: id })),
          compensate: ({ id, input, execute }) =>
            execute(Post, input.postId, (post) => releaseSlug(post, { ...input, sagaId: id })),
        })
        .step('check-text', {
          retry: soon,
          compensateRetry: soon,
          async run({ id, input: { postId }, key }) {
            const { state } = await (await store).load(Post, postId);
            if (state === undefined) throw new NotFoundError('post');
            await moderation.ask({ sagaId: id, key, text: `${state.title}\n\n${state.body}` });
          },
          compensate: ({ id, key }) => moderation.withdraw({ sagaId: id, key }),
        })
        .waitFor('verdict', 'text-checked', { within: deadline })
        .step('publish', {
          retry: soon,
          run({ id, input, results: { verdict }, execute }) {
            if (verdict.verdict === 'bad') throw new TextRefusedError();
            execute(Post, input.postId, (post) => publishPost(post, { ...input, sagaId: id }));
          },
        })
        .step('notify-followers', {
          retry: untilItIsDone,
          run: ({ input: { postId }, key }) => tellFollowers({ postId, key }),
        }),
  });
}
