import type { Bus, Logger } from '@pipit/bus';
import type { EventOf } from '@pipit/types-registry';
import type { UserRenamed } from './user-events.ts';

/** Lets a user know that his name was changed, in case it was not he who did. What reaches him is the log. */
export function noticeRenames(bus: Bus<EventOf<typeof UserRenamed>>, logger: Logger): void {
  bus.subscribe({
    group: 'rename-notices',
    on: {
      'user-renamed': ({ aggregate }) => logger.info({ user: aggregate.id }, 'a user has been renamed'),
    },
  });
}
