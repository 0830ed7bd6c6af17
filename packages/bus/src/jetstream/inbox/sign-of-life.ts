import type { Begun, InboxEntries } from './inbox-entries.ts';

/**
 * Whether instances are alive, by entries that the server drops when they are not renewed: no clock of any process has a
 * part in it.
 */
export interface SignsOfLife {
  /** Fulfilled when others see for a while that this instance lives. */
  ensure(): Promise<void>;
  /** Renews the sign while there is something to live for. */
  renew(): Promise<void>;
  isOwn(begun: Begun): boolean;
  /** Dead is who has shown no sign for half a lease longer than it lasts: a server that was away may have dropped it. */
  isDead(begun: Begun): Promise<boolean>;
}

const mostSuspects = 1_000;

/** @param lease milliseconds that a sign lasts */
export function signsOfLife(entries: InboxEntries, instance: string, lease: number): SignsOfLife {
  let renewedAt = Number.NEGATIVE_INFINITY;
  let renewal: Promise<void> | undefined;
  // Since when whose effects have been seen without a sign.
  const suspects = new Map<string, number>();

  async function renew(): Promise<void> {
    const begun = performance.now();
    await entries.live(instance, lease);
    renewedAt = begun;
  }

  function renewOnce(): Promise<void> {
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  return {
    renew: renewOnce,
    isOwn: ({ by }) => by === instance,
    async ensure() {
      if (performance.now() - renewedAt > lease / 3) await renewOnce();
    },
    async isDead(begun) {
      const effect = `${begun.by} ${begun.at.getTime()}`;
      if (await entries.isAlive(begun.by)) {
        suspects.delete(effect);
        return false;
      }
      const now = performance.now();
      const since = suspects.get(effect);
      if (since !== undefined) return now - since >= begun.lease / 2;
      if (suspects.size >= mostSuspects) suspects.clear();
      suspects.set(effect, now);
      return false;
    },
  };
}
