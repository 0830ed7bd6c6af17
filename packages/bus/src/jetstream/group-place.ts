import type { OpenStore } from './open-store.ts';

/** How far a group has come, as far as it is known here: where it goes on when its consumer has been deleted. */
export interface GroupPlace {
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
  const floor = async () => (await manager.consumers.info(stream, consumer)).ack_floor.stream_seq;
  const created = await createdAt();
  let known = await floor();

  return {
    async note() {
      known = await floor();
    },
    async next() {
      return (await createdAt()) === created ? known + 1 : undefined;
    },
  };
}
