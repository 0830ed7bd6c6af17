/** Looks at the memory every few milliseconds: that of objects, and that of the bytes beside them. */
export function watchMemory(): { peak(): { readonly heap: number; readonly process: number } } {
  const before = inUse();
  const most = { ...before };
  const timer = setInterval(() => {
    const { heap, process } = inUse();
    most.heap = Math.max(most.heap, heap);
    most.process = Math.max(most.process, process);
  }, 10);
  return {
    /** Stops watching; whole megabytes over what there was at first. */
    peak() {
      clearInterval(timer);
      return { heap: megabytes(most.heap - before.heap), process: megabytes(most.process - before.process) };
    },
  };
}

function inUse(): { heap: number; process: number } {
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, process: rss };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
