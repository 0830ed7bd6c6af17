import { type Login, loginOptions } from '../nats/login.ts';
import type { ConfigProblem } from './config-error.ts';
import { type Field, loginFields, namesOf, type Settings } from './settings.ts';

interface Given {
  /** What a field was given as, an option or a variable. */
  readonly nameOf: (field: Field) => string;
  /** Whether it was given at all; it may be wrong by itself, and not be among the settings. */
  readonly has: (field: Field) => boolean;
}

export function contradictions(settings: Settings, { nameOf, has }: Given): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuse = (field: Field, message: string) => problems.push({ field: nameOf(field), message });
  const needs = (field: Field, other: Field) => {
    const { option, variable } = namesOf(other);
    refuse(field, `needs ${nameOf(field) === namesOf(field).variable ? variable : option}`);
  };
  const { url, allowPlaintext } = settings;

  for (const [one, other] of [
    ['user', 'password'],
    ['cert', 'key'],
  ] as const) {
    if (has(one) && !has(other)) needs(one, other);
    if (has(other) && !has(one)) needs(other, one);
  }

  const logins = url?.flatMap(({ login }) => login ?? []) ?? [];
  const [inUrl] = logins;
  if (logins.some((login) => !isSameLogin(login, inUrl))) {
    refuse('url', 'holds different logins: give one with all servers');
  }
  const ways = loginFields.filter((field) => field !== 'password' && has(field));
  const [first, second] = inUrl === undefined ? ways : (['url', ...ways] as const);
  if (first !== undefined && second !== undefined) {
    refuse(second, `is a second login beside ${nameOf(first)}: give one only`);
  }
  if (!has('url')) {
    for (const field of [...ways, ...(['ca', 'cert'] as const)]) {
      if (!has(field)) continue;
      refuse(field, `needs nats.url or NATS_URL: without one a local server is run, open to this machine`);
    }
  }
  const secure = allowPlaintext || has('ca') || has('cert') || url?.some(({ tls }) => tls);
  const open = secure ? [] : (url ?? []).filter(({ local }) => !local);
  if (open.length > 0) {
    const list = open.map((server) => server.url).join(', ');
    refuse(
      'url',
      `names ${list}, another machine, without TLS: what is sent can be read on the way. Use tls://, or say that this is right with nats.allowPlaintext or PIPIT_ALLOW_PLAINTEXT=yes`,
    );
  }
  return problems;
}

function isSameLogin(one: Login, other: Login | undefined): boolean {
  const { user, pass, token } = loginOptions(one);
  const { user: otherUser, pass: otherPass, token: otherToken } = loginOptions(other);
  return user === otherUser && pass === otherPass && token === otherToken;
}
