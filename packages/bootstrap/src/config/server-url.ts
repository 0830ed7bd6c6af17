import type { Login } from '../nats/login.ts';
import { Secret } from './secret.ts';

export interface ServerUrl {
  /** Scheme, host and port, without the login: what may be logged. */
  readonly url: string;
  readonly tls: boolean;
  /** Whether it is this machine, which nothing in between can listen to. */
  readonly local: boolean;
  readonly login: Login | undefined;
}

/** @returns the parts of a NATS URL, or what is wrong with it */
export function readServerUrl(text: string): ServerUrl | string {
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `nats://${trimmed}`);
  // URL leaves the host of a scheme that it does not know as it is written.
  if (url === null || !/^[\w.\-:[\]]+$/.test(url.hostname))
    return 'is not a URL such as nats://127.0.0.1:4222';
  if (url.protocol !== 'nats:' && url.protocol !== 'tls:') {
    return `begins with ${url.protocol}//, but only nats:// and tls:// can be used`;
  }
  // A `/`, `?` or `#` in a password ends what is taken for the host, which would be a piece of the login then.
  if (/@/.test(url.pathname + url.search + url.hash)) return unencodedLogin;
  const login = loginOf(url);
  if (typeof login === 'string') return login;
  return {
    url: `${url.protocol}//${url.hostname}:${url.port || '4222'}`,
    tls: url.protocol === 'tls:',
    local: /^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])\.?$/i.test(url.hostname),
    login,
  };
}

const unencodedLogin = 'holds a login that is not percent-encoded as a URL demands';

function loginOf({ username, password }: URL): Login | string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const user = decodeURIComponent(username);
    return password === ''
      ? { kind: 'token', token: new Secret(user) }
      : { kind: 'password', user, password: new Secret(decodeURIComponent(password)) };
  } catch {
    return unencodedLogin;
  }
}
