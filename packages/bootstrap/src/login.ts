import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator } from '@nats-io/nats-core';

/** How the application makes itself known to NATS. Holds secrets: never log it. */
export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'credentials'; readonly file: string };

export function loginOptions(login: Login | undefined): ConnectionOptions {
  switch (login?.kind) {
    case undefined:
      return {};
    case 'password':
      return { user: login.user, pass: login.password };
    case 'token':
      return { token: login.token };
    case 'credentials':
      // Read at every connect, so that renewed credentials are used when the server drops the old ones.
      return { authenticator: credsAuthenticator(() => readFileSync(login.file)) };
  }
}
