import { getRandomValues } from 'node:crypto';
import { v7 } from 'uuid';

const bytesPerId = 16;
/** Drawn for many ids at once: a call for each costs more than the rest of the id. */
const pool = new Uint8Array(bytesPerId * 256);
let used = pool.length;
let last = 0;
let sequence = 0;

/** A UUIDv7 (RFC 9562); those of one process sort in the order they were made (method 1, a counter per millisecond). */
export function newEventId(): string {
  if (used === pool.length) {
    getRandomValues(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + bytesPerId);
  used += bytesPerId;
  const now = Date.now();
  if (now > last) {
    last = now;
    // The top bit stays free, so that counting up does not run over.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else sequence += 1;
  return v7({ random, msecs: last, seq: sequence });
}
