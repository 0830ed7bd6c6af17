import { NotFoundError } from '../refusals.ts';
import type { UserState } from './user.ts';
import { UserRegistered, UserRenamed } from './user-events.ts';

export function registerUser(name: string) {
  return UserRegistered.create({ name });
}

/** Giving somebody the name he has is no event. */
export function renameUser(user: UserState | undefined, name: string) {
  if (user === undefined) throw new NotFoundError('user');
  return user.name === name ? [] : UserRenamed.create({ name });
}
