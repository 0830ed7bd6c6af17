import { InvalidQueryError } from '../repository-errors.ts';

/** The position that somebody waits for. @throws InvalidQueryError for what would never, or always, be waited for */
export function positionAwaited(view: string, target: number | { readonly position: number }): number {
  const position = typeof target === 'number' ? target : (target as typeof target | undefined)?.position;
  if (Number.isFinite(position)) return position as number;
  throw new InvalidQueryError(view, 'position', `must be a number, not ${String(position)}`);
}

/** @throws InvalidQueryError */
export function checkTimeout(view: string, timeout: number): void {
  if (typeof timeout === 'number' && !Number.isNaN(timeout)) return;
  throw new InvalidQueryError(view, 'timeout', `must be a number of milliseconds, not ${String(timeout)}`);
}
