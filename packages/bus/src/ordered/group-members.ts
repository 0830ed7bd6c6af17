import type { Item } from '../delivery/item.ts';
import type { Outcome } from '../delivery/outcome.ts';
import type { Slots } from '../delivery/slots.ts';
import { ownersOf, partitionOf } from './partition.ts';

/** A process that handles events of the group, as its leader sees it. */
export interface GroupProcess {
  readonly id: string;
  readonly slots: Slots;
  handles(type: string): boolean;
  attempt(item: Item, deliveryCount: number): Outcome | Promise<Outcome>;
}

/** The members of a group and the partitions they own. There is always one. */
export interface GroupMembers {
  readonly size: number;
  add(member: GroupProcess): void;
  remove(member: GroupProcess): void;
  /** Whether any member has a handler for this type. */
  handles(type: string): boolean;
  /** The owner of the key's partition; where it has no handler for this type, another member that has one. */
  ownerOf(key: string, type: string | undefined): GroupProcess;
}

export function groupMembers(partitions: number, first: GroupProcess): GroupMembers {
  let members = [first];
  let owners = ownersOf(partitions, members);

  function change(next: GroupProcess[]): void {
    members = next;
    owners = ownersOf(partitions, members);
  }

  return {
    get size() {
      return members.length;
    },
    add: (member) => change([...members.filter(({ id }) => id !== member.id), member]),
    remove: (member) => change(members.filter((other) => other !== member)),
    handles: (type) => members.some((member) => member.handles(type)),
    ownerOf(key, type) {
      const [only] = members;
      if (members.length === 1 && only !== undefined) return only;
      const owner = owners[partitionOf(key, partitions)] ?? first;
      if (type === undefined || owner.handles(type)) return owner;
      return members.find((member) => member.handles(type)) ?? owner;
    },
  };
}
