/** Handles items one after the other where they have a key in common, and side by side where not. */
export interface Lanes<Item> {
  /** How many items have been put in and have not ended. */
  readonly size: number;
  /** How many items of a key wait for their turn. */
  waiting(key: string): number;
  /** An item goes before those of its key that have a higher position and have not begun. */
  put(key: string, position: number, item: Item): void;
  /** Takes out all that has not begun, in no particular order. */
  clear(): Item[];
}

interface Waiting<Item> {
  readonly position: number;
  readonly item: Item;
}

/** @param handle never rejects */
export function createLanes<Item>(handle: (item: Item) => Promise<void> | undefined): Lanes<Item> {
  // A key is in here while one of its items is being handled.
  const lanes = new Map<string, Waiting<Item>[]>();
  let size = 0;

  function run(key: string, lane: Waiting<Item>[], first: Item): void {
    for (let item: Item | undefined = first; item !== undefined; item = lane.shift()?.item) {
      const handling = handle(item);
      if (handling !== undefined) {
        void handling.then(() => next(key, lane));
        return;
      }
      size -= 1;
    }
    lanes.delete(key);
  }

  function next(key: string, lane: Waiting<Item>[]): void {
    size -= 1;
    const waiting = lane.shift();
    if (waiting === undefined) lanes.delete(key);
    else run(key, lane, waiting.item);
  }

  return {
    get size() {
      return size;
    },
    waiting: (key) => lanes.get(key)?.length ?? 0,
    put(key, position, item) {
      size += 1;
      const lane = lanes.get(key);
      if (lane === undefined) {
        const opened: Waiting<Item>[] = [];
        lanes.set(key, opened);
        run(key, opened, item);
        return;
      }
      let place = lane.length;
      while (place > 0 && (lane[place - 1] as Waiting<Item>).position > position) place -= 1;
      lane.splice(place, 0, { position, item });
    },
    clear() {
      const items = [...lanes.values()].flatMap((lane) => lane.splice(0).map(({ item }) => item));
      size -= items.length;
      return items;
    },
  };
}
