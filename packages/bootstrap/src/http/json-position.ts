/** Says where a text stops being JSON, where the parser tells; nothing of the text itself, which may be secret. */
export function whereJsonBreaks(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
    if (line !== undefined) return `The body is no JSON from line ${line}, column ${column} on.`;
    if (/unexpected end|unterminated/i.test(message)) return 'The body is no JSON: it ends too early.';
    return 'The body is no JSON.';
  }
  return 'The body has a key that is not let in: `__proto__`, or `constructor` with a `prototype`.';
}
