/** How one part of an application is. */
export interface PartHealth {
  readonly name: string;
  /**
   * `starting`, `ready`; `not-ready`: it cannot be used at the moment; `restarting`: a background process that has failed,
   * until it runs again; `failed`: it is not tried again; `stopping`, or stopped.
   */
  readonly state: 'starting' | 'ready' | 'not-ready' | 'restarting' | 'failed' | 'stopping';
  /** Why it is not ready. */
  readonly reason?: string;
}

/** Whether an application is fit to be used, for readiness probes. */
export interface Health {
  readonly ready: boolean;
  readonly parts: readonly PartHealth[];
}

/** @param shown makes of a reason, the message of an error, what probes may be told */
export function healthOf(parts: readonly PartHealth[], shown: (reason: string) => string): Health {
  return {
    ready: parts.every(({ state }) => state === 'ready'),
    parts: parts.map((part) => (part.reason === undefined ? part : { ...part, reason: shown(part.reason) })),
  };
}
