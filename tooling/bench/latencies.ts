/** How long single things take, in milliseconds: the median of what rounds come to. */
export interface Latencies {
  /** Does things one after the other, as one round. */
  round(count: number, work: (index: number) => Promise<unknown>): Promise<void>;
  /** Within this most of them are done, as a part of one. */
  within(part: number): number;
}

export function latencies(): Latencies {
  const rounds: Float64Array[] = [];
  return {
    async round(count, work) {
      const took = new Float64Array(count);
      for (let index = 0; index < count; index += 1) {
        const start = performance.now();
        await work(index);
        took[index] = performance.now() - start;
      }
      rounds.push(took.sort());
    },
    within(part) {
      const found = rounds.map((took) => took[Math.ceil(took.length * part) - 1] ?? Number.NaN);
      return found.sort((one, other) => one - other)[found.length >> 1] ?? Number.NaN;
    },
  };
}
