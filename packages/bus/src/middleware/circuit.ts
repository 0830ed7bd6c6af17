/** Milliseconds until the others ask again while one is on trial. */
const trialPause = 100;

/** What became of an event: `neither` says nothing about what the handler depends on. */
export type Outcome = 'success' | 'failure' | 'neither';

export interface CircuitOptions {
  /** Whether the outcomes so far, the last one included, open the circuit. */
  readonly opens: (outcome: 'success' | 'failure') => boolean;
  /** Forgets the outcomes. */
  readonly reset: () => void;
  /** Milliseconds until a trial. */
  readonly openFor: number;
  /** Milliseconds that do not jump. */
  readonly clock: () => number;
  readonly onChange: (state: 'open' | 'half-open' | 'closed', cause?: unknown) => void;
}

/** Leave to begin, and what to do with the outcome. */
export interface Pass {
  /** Only the first end counts. */
  end(outcome: Outcome, cause?: unknown): void;
}

export interface Circuit {
  /** A pass; or milliseconds until there may be one. */
  enter(): Pass | number;
}

/**
 * Closed, it lets everything through; open, nothing until a time; then one on trial, which closes it or opens it again.
 * What began before the last change has no say in the next one.
 */
export function openableCircuit({ opens, reset, openFor, clock, onChange }: CircuitOptions): Circuit {
  /** The time of the next trial, where the circuit is open. */
  let trialAt: number | undefined;
  let isTrying = false;
  let generation = 0;

  function change(state: 'open' | 'closed', cause?: unknown): void {
    generation += 1;
    trialAt = state === 'open' ? clock() + openFor : undefined;
    reset();
    onChange(state, cause);
  }

  function ordinaryPass(): Pass {
    const mine = generation;
    return {
      end(outcome, cause) {
        if (outcome !== 'neither' && mine === generation && opens(outcome)) change('open', cause);
      },
    };
  }

  function trialPass(): Pass {
    isTrying = true;
    let hasEnded = false;
    onChange('half-open');
    return {
      end(outcome, cause) {
        if (hasEnded) return;
        hasEnded = true;
        isTrying = false;
        // A trial that says nothing leaves the next one to the next event.
        if (outcome === 'success') change('closed');
        else if (outcome === 'failure') change('open', cause);
      },
    };
  }

  return {
    enter() {
      if (trialAt === undefined) return ordinaryPass();
      if (isTrying) return Math.min(openFor, trialPause);
      const wait = trialAt - clock();
      return wait > 0 ? wait : trialPass();
    },
  };
}
