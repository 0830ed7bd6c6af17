/** How fast a number grows. */
export interface Rate {
  sample(value: number): void;
  /** Per second, over the last ten seconds or so; `undefined` before it is known, and where there was no sample in these. */
  perSecond(): number | undefined;
}

const span = 1_000;
const longest = 10_000;

/** @param clock milliseconds, never backwards */
export function rate(clock: () => number = () => performance.now()): Rate {
  const samples: { readonly at: number; readonly value: number }[] = [];
  let latest: { readonly at: number; readonly value: number } | undefined;
  return {
    sample(value) {
      const at = clock();
      latest = { at, value };
      while (samples[0] !== undefined && at - samples[0].at > longest) samples.shift();
      const last = samples.at(-1);
      if (last === undefined || at - last.at >= span) samples.push(latest);
    },
    perSecond() {
      const [first] = samples;
      if (first === undefined || latest === undefined || latest.at === first.at) return undefined;
      if (clock() - latest.at > longest) return undefined;
      return ((latest.value - first.value) * 1_000) / (latest.at - first.at);
    },
  };
}
