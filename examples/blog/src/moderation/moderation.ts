import { defineAggregate } from '@pipit/store';
import { TextChecked } from './moderation-events.ts';

/** One question to the moderation. */
export const Moderation = defineAggregate('moderation', {
  events: [TextChecked],
  initial: { isAnswered: false },
  evolve: { 'text-checked': () => ({ isAnswered: true }) },
});
