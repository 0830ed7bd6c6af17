import { typesOf } from './group-types.ts';
import type { OpenStore } from './open-store.ts';

/** What is known here of a group: how far it has come, which is where it goes on when its consumer has been deleted. */
export interface GroupPlace {
  /** Whether a member has asked for aggregates of this type, or this topic, as a token. */
  asksFor(type: string): boolean;
  /** All those types. */
  readonly types: ReadonlySet<string>;
  /** Whether it seemed to have members when this was opened. */
  readonly hadMembers: boolean;
  /** Looks again. */
  note(): Promise<void>;
  /** The first position that may not have been handled. Nothing where the stream is another one by now. */
  next(): Promise<number | undefined>;
}

/** @throws the client's error */
export async function groupPlace(
  { manager }: OpenStore,
  stream: string,
  consumer: string,
): Promise<GroupPlace> {
  const createdAt = async () => (await manager.streams.info(stream)).created;
  const look = async () => {
    const { ack_floor, config, num_waiting, num_ack_pending } = await manager.consumers.info(
      stream,
      consumer,
    );
    const hasMembers = num_waiting > 0 || num_ack_pending > 0;
    return { floor: ack_floor.stream_seq, types: typesOf(config), hasMembers };
  };
  const created = await createdAt();
  let known = await look();

  return {
    hadMembers: known.hasMembers,
    get types() {
      return known.types;
    },
    asksFor: (type) => known.types.has(type),
    async note() {
      known = await look();
    },
    async next() {
      return (await createdAt()) === created ? known.floor + 1 : undefined;
    },
  };
}
