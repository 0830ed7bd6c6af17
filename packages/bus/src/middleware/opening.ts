import type { CircuitOptions } from './circuit.ts';

/** When a circuit opens, and how to say so. */
export interface Opening {
  readonly reason: string;
  start(): Pick<CircuitOptions, 'opens' | 'reset'>;
}

export function openAfterRow(failures: number): Opening {
  return {
    reason: failures === 1 ? 'a failure' : `${failures} failures in a row, or a failed trial`,
    start() {
      let row = 0;
      return {
        opens(outcome) {
          row = outcome === 'failure' ? row + 1 : 0;
          return row >= failures;
        },
        reset: () => {
          row = 0;
        },
      };
    },
  };
}

/** @param share of the last `size` events, and not before there were so many */
export function openAfterRatio(share: number, size: number): Opening {
  return {
    reason: `${share * 100} % of ${size} events failed, or a failed trial`,
    start() {
      const last: boolean[] = [];
      let place = 0;
      let failed = 0;
      return {
        opens(outcome) {
          const isFailure = outcome === 'failure';
          failed += Number(isFailure) - Number(last[place] ?? false);
          last[place] = isFailure;
          place = (place + 1) % size;
          return isFailure && last.length === size && failed >= share * size;
        },
        reset() {
          last.length = 0;
          place = 0;
          failed = 0;
        },
      };
    },
  };
}
