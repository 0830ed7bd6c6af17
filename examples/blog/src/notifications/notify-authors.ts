import type { Bus } from '@pipit/bus';
import type { EventOf } from '@pipit/types-registry';
import type { CommentAdded } from '../comments/comment-events.ts';
import { NotFoundError } from '../refusals.ts';
import type { Outbox } from './outbox.ts';
import type { Recipient } from './recipient-view.ts';

/** Tells authors of comments on their posts. It gives up soon, so that a demonstration need not wait for it. */
export function notifyAuthors(
  bus: Bus<EventOf<typeof CommentAdded>>,
  recipientOf: (postId: string) => Promise<Recipient | undefined>,
  outbox: Outbox,
): void {
  bus.subscribe({
    group: 'notifications',
    retry: { attempts: 5, backoff: 100 },
    on: {
      'comment-added': async ({ id, aggregate, data: { postId, text } }) => {
        const recipient = await recipientOf(postId);
        if (recipient === undefined) throw new NotFoundError('post');
        const { userId, title } = recipient;
        outbox.send({
          id,
          to: userId,
          postId,
          commentId: aggregate.id,
          text: `A comment on “${title}”: ${text}`,
        });
      },
    },
  });
}
