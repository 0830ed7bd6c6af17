/** How an attempt to handle an event ended. */
export type Outcome =
  | { readonly state: 'handled' }
  /** `final`: trying again would not help. */
  | { readonly state: 'failed'; readonly error: Error; readonly final: boolean }
  /** It has not been tried, and is to wait for so many milliseconds; why has been logged. */
  | { readonly state: 'postponed'; readonly for: number }
  /** Nobody waited for its end: the event is for the next one, and has not failed. */
  | { readonly state: 'given-back' }
  /** The process that tried it is gone, or was out of reach for longer than its lease. */
  | { readonly state: 'lost'; readonly instance: string };

export const handled: Outcome = { state: 'handled' };
export const givenBack: Outcome = { state: 'given-back' };
