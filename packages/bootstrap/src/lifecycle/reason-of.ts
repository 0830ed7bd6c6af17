/** What a thrown value says of itself. It may be anything, also what cannot be made a text of. */
export function reasonOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return `a thrown ${typeof thrown}`;
  }
}
