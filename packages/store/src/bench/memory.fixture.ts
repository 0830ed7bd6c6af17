/** Looks at the heap every few milliseconds. */
export function watchMemory(): { peak(): number } {
  const before = process.memoryUsage().heapUsed;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed);
  }, 10);
  return {
    /** Stops watching; whole megabytes over what there was at first. */
    peak() {
      clearInterval(timer);
      return Math.round((most - before) / 1_000_000);
    },
  };
}
