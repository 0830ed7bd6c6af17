import type { ConfigProblem } from './config-error.ts';
import { type Field, loginFields, optionOf, type Settings, variableOf } from './settings.ts';

/** @param nameOf what a field was given as, an option or a variable */
export function contradictions(settings: Settings, nameOf: (field: Field) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuse = (field: Field, message: string) => problems.push({ field: nameOf(field), message });
  const needs = (field: Field, other: Field) =>
    refuse(field, `needs ${nameOf(field) === variableOf[field] ? variableOf[other] : optionOf[other]}`);
  const { url, user, password, cert, key } = settings;

  if (user !== undefined && password === undefined) needs('user', 'password');
  if (password !== undefined && user === undefined) needs('password', 'user');
  if (cert !== undefined && key === undefined) needs('cert', 'key');
  if (key !== undefined && cert === undefined) needs('key', 'cert');

  const inUrls = new Set(url?.flatMap(({ login }) => (login === undefined ? [] : [JSON.stringify(login)])));
  if (inUrls.size > 1) refuse('url', 'holds different logins: give one with all servers');
  const ways = loginFields.filter((field) => field !== 'password' && settings[field] !== undefined);
  const [first, second] = inUrls.size > 0 ? (['url', ...ways] as const) : ways;
  if (first !== undefined && second !== undefined) {
    refuse(second, `is a second login beside ${nameOf(first)}: give one only`);
  }
  if (url === undefined) {
    for (const field of [...ways, ...(['ca', 'cert'] as const)]) {
      if (settings[field] === undefined) continue;
      refuse(field, `needs nats.url or NATS_URL: without one a local server is run, open to this machine`);
    }
  }
  return problems;
}
