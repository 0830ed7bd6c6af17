/** Timers take no more milliseconds; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;
/** Milliseconds after which the clock is looked at again: it can be set, and machines sleep. */
const longestNap = 60_000;

/**
 * Rings once, when the system's clock shows the time or more; never where that is `Infinity`.
 *
 * @param time in milliseconds since 1970
 * @returns what stops it
 */
export function ringAt(time: number, ring: () => void): () => void {
  if (time === Number.POSITIVE_INFINITY) return () => {};
  let timer: NodeJS.Timeout;
  const nap = () => {
    timer = setTimeout(look, Math.min(Math.max(0, time - Date.now()), longestNap));
  };
  const look = () => {
    if (Date.now() < time) nap();
    else ring();
  };
  nap();
  return () => clearTimeout(timer);
}

/** Rings once, after so many milliseconds, wherever the clock is set to meanwhile; never where that is `Infinity`. */
export function ringAfter(milliseconds: number, ring: () => void): () => void {
  if (milliseconds === Number.POSITIVE_INFINITY) return () => {};
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    const part = Math.min(left, longestTimer);
    timer = setTimeout(() => (left > part ? wait(left - part) : ring()), part);
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}
