import type { Item } from '../../delivery/item.ts';
import { givenBack, type Outcome } from '../../delivery/outcome.ts';
import { readableType } from '../../delivery/readable-type.ts';
import type { Announce, SettleOptions } from '../../delivery/settle.ts';
import type { GroupMembers, GroupProcess } from '../../ordered/group-members.ts';

export interface DispatchOptions {
  readonly self: GroupProcess;
  readonly members: GroupMembers;
  readonly stopping: AbortSignal;
  /** Whether the server has been heard lately. Without that, another member may lead by now. */
  inTouch(): boolean;
  /** No member has a handler for it any more: resolves with whether to try it, when that is known, or returns nothing. */
  wait(item: Item, type: string): Promise<boolean> | undefined;
}

/** Has each event tried by the member that owns the partition of its key, when that has room. */
export function dispatching({
  self,
  members,
  stopping,
  inTouch,
  wait,
}: DispatchOptions): SettleOptions<Item>['attempt'] {
  function attempt(item: Item, deliveryCount: number, announce?: Announce): Outcome | Promise<Outcome> {
    const type = readableType(item);
    const member = members.ownerOf(item.key, type);
    const waiting = type === undefined || member.handles(type) ? undefined : wait(item, type);
    if (waiting !== undefined)
      return waiting.then((go) => (go ? attempt(item, deliveryCount, announce) : givenBack));
    const turn = member.slots.take(announce !== undefined);
    if (turn === undefined && announce === undefined) {
      const outcome = tryOn(member, item, deliveryCount);
      // The common case; a promise more for each event would be felt.
      if (!(outcome instanceof Promise)) {
        member.slots.free();
        return outcome;
      }
      return ended(outcome, member, item, deliveryCount);
    }
    return takeTurn(member, item, deliveryCount, turn, announce);
  }

  async function takeTurn(
    member: GroupProcess,
    item: Item,
    deliveryCount: number,
    turn: Promise<boolean> | undefined,
    announce: Announce | undefined,
  ): Promise<Outcome> {
    if (turn !== undefined && !(await turn)) return tryElsewhere(member, item, deliveryCount, announce);
    if (announce === undefined) return ended(tryOn(member, item, deliveryCount), member, item, deliveryCount);
    try {
      // What ends another member is seen from here; that this one ends meanwhile would not be for the event.
      if (member === self) await announce();
    } catch (reason) {
      member.slots.free(true);
      throw reason;
    }
    return ended(tryOn(member, item, deliveryCount), member, item, deliveryCount, announce);
  }

  function tryOn(member: GroupProcess, item: Item, deliveryCount: number): Outcome | Promise<Outcome> {
    return stopping.aborted || !inTouch() ? givenBack : member.attempt(item, deliveryCount);
  }

  async function ended(
    trying: Outcome | Promise<Outcome>,
    member: GroupProcess,
    item: Item,
    deliveryCount: number,
    announce?: Announce,
  ): Promise<Outcome> {
    const outcome = await trying;
    member.slots.free(announce !== undefined);
    return outcome === givenBack ? tryElsewhere(member, item, deliveryCount, announce) : outcome;
  }

  /** A member that leaves, or a message to it that was lost, is no failure of the event. */
  function tryElsewhere(
    member: GroupProcess,
    item: Item,
    deliveryCount: number,
    announce: Announce | undefined,
  ): Outcome | Promise<Outcome> {
    // Not tried at all, because this leader may be none any more: nor is it anywhere else.
    if (stopping.aborted || member === self || !inTouch()) return givenBack;
    return attempt(item, deliveryCount, announce);
  }

  return attempt;
}
