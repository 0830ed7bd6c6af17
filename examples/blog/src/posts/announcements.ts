import type { Bus, Logger } from '@pipit/bus';
import type { EventOf } from '@pipit/types-registry';
import type { PostPublished } from './post-events.ts';

/**
 * Tells the world about a post when it is published. A group gets each event once however many processes run the blog,
 * and again when the process that handled it died: that is what sets it apart from a view. The world is the log.
 */
export function announcePosts(bus: Bus<EventOf<typeof PostPublished>>, logger: Logger): void {
  bus.subscribe({
    group: 'announcements',
    on: {
      'post-published': ({ aggregate }) => logger.info({ post: aggregate.id }, 'a post has been published'),
    },
  });
}
