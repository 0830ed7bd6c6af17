import type { EventStore } from '@pipit/store';
import { Moderation } from './moderation.ts';
import { TextChecked } from './moderation-events.ts';

export const moderationModes = ['accept', 'refuse', 'fail', 'hang'] as const;
type Mode = (typeof moderationModes)[number];

/** Where one question is answered to, and the key that tells it from others. */
interface Question {
  readonly sagaId: string;
  readonly key: string;
}

/** A service of others, as far as the blog needs it: it takes a text now, and answers some time with an event. */
export interface ModerationService {
  readonly mode: Mode;
  setMode(mode: Mode): void;
  /** A repetition, by its key, is answered once. */
  ask(question: Question & { readonly text: string }): Promise<void>;
  /** The answer is not wanted any more. */
  withdraw(question: Question): Promise<void>;
}

/**
 * A moderation that reads nothing: it accepts or refuses all texts, fails at every call, or takes questions and never
 * answers. The log is its memory, so that it knows a question again after its process died.
 *
 * @param store that will be there
 */
export function fakeModeration(store: Promise<EventStore<typeof Moderation>>): ModerationService {
  let mode: Mode = 'accept';

  function requireWorking(): void {
    if (mode === 'fail') throw new Error('The moderation is made to fail.');
  }

  return {
    get mode() {
      return mode;
    },
    setMode(value) {
      mode = value;
    },
    async ask({ sagaId }) {
      requireWorking();
      if (mode === 'hang') return;
      const verdict = mode === 'accept' ? 'good' : 'bad';
      await (await store).execute(Moderation, sagaId, ({ isAnswered }) =>
        isAnswered ? [] : TextChecked.create({ verdict }),
      );
    },
    async withdraw() {
      requireWorking();
    },
  };
}
