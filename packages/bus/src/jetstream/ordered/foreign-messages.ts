import type { Msg } from '@nats-io/nats-core';
import type { Logger } from '@pipit/types-registry';

/** What is on a group's subjects and is nothing that its members say to each other. Told once, and left alone. */
export function foreignMessages({
  store,
  group,
  logger,
}: {
  readonly store: string;
  readonly group: string;
  readonly logger: Logger;
}): (msg: Msg) => void {
  let told = false;
  return ({ subject, data }) => {
    if (told) return;
    told = true;
    const message = `Group ${group} ignores a message on ${subject} that no member of it wrote (${data.byteLength} bytes), and further ones. Its subjects are Pipit's own: find out who publishes there`;
    logger.warn({ store, group, subject }, message);
  };
}
