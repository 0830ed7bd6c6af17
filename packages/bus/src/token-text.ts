import { decodeToken, InvalidSubjectTokenError } from '@pipit/types-registry';

/** What a token stands for, to be shown. Of one that Pipit never wrote, which others may publish to, the token itself. */
export function tokenText(token: string): string {
  try {
    return decodeToken('token', token);
  } catch (error) {
    if (error instanceof InvalidSubjectTokenError) return token;
    throw error;
  }
}
