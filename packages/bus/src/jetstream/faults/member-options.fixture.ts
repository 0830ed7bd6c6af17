export interface MemberOptions {
  readonly servers: string[];
  readonly store: string;
  readonly group: string;
  readonly order: 'key' | 'none';
  readonly lease: number;
  readonly concurrency: number;
  /** The most milliseconds that an event takes. */
  readonly slowness: number;
  readonly attempts: number;
  /** The lease of an inbox that guards the effects, which the server then takes as often as they happen. */
  readonly inbox?: number;
}

/** What a handler does before its effect, every time or only once among all members. */
export interface Deed {
  readonly does: 'exit' | 'fail' | 'block';
  readonly always: boolean;
  readonly milliseconds: number;
}

/** The key of effects that say that a deed was done. */
export const once = 'once';

/** The title of an event whose handler does it. */
export function titleOf(does: Deed['does'], deed: Partial<Deed> = {}): string {
  return JSON.stringify({ always: false, milliseconds: 0, ...deed, does });
}

export function deedOf(title: string): Deed | undefined {
  return title.startsWith('{') ? (JSON.parse(title) as Deed) : undefined;
}
