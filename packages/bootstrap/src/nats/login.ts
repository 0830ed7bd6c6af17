import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from '@nats-io/nats-core';
import type { Secret } from '../config/secret.ts';

/** How the application makes itself known to NATS. */
export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: Secret }
  | { readonly kind: 'token'; readonly token: Secret }
  /** A `.creds` file, as `nsc` makes it. */
  | { readonly kind: 'credentials'; readonly file: string }
  | { readonly kind: 'nkey'; readonly seed: Secret };

export function loginOptions(login: Login | undefined): ConnectionOptions {
  switch (login?.kind) {
    case undefined:
      return {};
    case 'password':
      return { user: login.user, pass: login.password.reveal() };
    case 'token':
      return { token: login.token.reveal() };
    case 'credentials':
      // Read at every connect, so that renewed credentials are used when the server drops the old ones.
      return { authenticator: credsAuthenticator(() => readFileSync(login.file)) };
    case 'nkey':
      return { authenticator: nkeyAuthenticator(new TextEncoder().encode(login.seed.reveal())) };
  }
}
