/** How fast a number grows. */
export interface Rate {
  sample(value: number): void;
  /** Per second, over the last ten seconds or so; `undefined` before it is known. */
  perSecond(): number | undefined;
}

const span = 1_000;
const most = 10;

/** @param clock milliseconds, never backwards */
export function rate(clock: () => number = () => performance.now()): Rate {
  const samples: { readonly at: number; readonly value: number }[] = [];
  let latest: { readonly at: number; readonly value: number } | undefined;
  return {
    sample(value) {
      latest = { at: clock(), value };
      const last = samples.at(-1);
      if (last !== undefined && latest.at - last.at < span) return;
      samples.push(latest);
      if (samples.length > most) samples.shift();
    },
    perSecond() {
      const [first] = samples;
      if (first === undefined || latest === undefined || latest.at === first.at) return undefined;
      return ((latest.value - first.value) * 1_000) / (latest.at - first.at);
    },
  };
}
