/** What stands in a line in place of what is not printed. */
export const redacted = '[Redacted]';

/** Between `://` and the last `@` before a space, a quote or the next URL; a port with a path behind it is no login. */
const loginInUrl =
  /(?<scheme>:\/\/)(?!(?<=https?:\/\/)[^\s/?#"@:]+:\d{1,5}[/?#])(?:[^\s/?#"@:]*@|[^\s/?#"@:]*:(?:(?!:\/\/)[^\s"])*@)/gi;
const loginInEncodedUrl = /(%3a(?:%2f){2})(?:(?!%3a%2f%2f)[^\s"/])*?%40/gi;
const authorization =
  /\b(bearer)\s+[\w.~+/=-]{8,}|\b(basic)\s+(?=[a-z+/]*[A-Z0-9=])[A-Za-z0-9+/]{6,}={0,2}|\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*[:=]\s*)(?=[^\s"'])[^\n\r]+/gi;
const token = /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g;
const nkeySeed = /\bS[ACNOUPX][A-Z2-7]{56}\b/g;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g;

const secretWords =
  'password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|credentials|jwt|\\bpass|\\bpwd';
const quoted = `"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"?|'[^'\\\\]*(?:\\\\.[^'\\\\]*)*'?|\`[^\`]*\`?|\\\\+"[^"]*"?`;
/** A list or an object that is personal as a whole, of which nobody knows where it ends. */
const nested = '[{[][^]*';
const secretInText = new RegExp(
  `((?:${secretWords})(?:\\\\*["'\`])?\\s*[:=])(?:(\\s*)(?:${quoted})|[^\\s"'\`,;&{}[\\]()]+)`,
  'gi',
);

/** Takes what is not to be printed out of a text. */
export interface TextRedaction {
  (text: string): string;
  /** Whether there may be any of it in a line of JSON. False is certain, and found out quickly. */
  readonly suspects: (line: string) => boolean;
}

/**
 * Takes logins in URLs, tokens, keys, and what is named like a secret, out of texts: messages of errors, stacks. Also the
 * values of personal fields where a text spells them out as JSON or Node's `inspect` does.
 */
export function textRedaction(personal: Iterable<string>): TextRedaction {
  const names = [...personal].map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|');
  const word = names === '' ? '' : `(?<![\\w$])(?:${names})`;
  const personalInText =
    word === ''
      ? undefined
      : new RegExp(`(${word}(?:\\\\*["'\`])?\\s*[:=]\\s*)(?:${quoted}|${nested}|[^\\s"'\`,;&\\])}]+)`, 'g');
  const sign = new RegExp(
    [
      ':\\/\\/|%3a%2f%2f|\\b(?:bearer|basic)\\s|eyJ|PRIVATE KEY|(?:authorization|cookie)\\s*[:=]',
      'S[ACNOUPX][A-Z2-7]{56}',
      // A key of the line itself has a bare quote behind it, and has been looked at.
      `(?:${secretWords}${word === '' ? '' : `|${word}`})(?:\\\\+["'\`]|['\`])?\\s*[:=]`,
    ].join('|'),
    'i',
  );
  const redact = (text: string): string => {
    const said = text
      .replace(loginInUrl, `$1${redacted}@`)
      .replace(loginInEncodedUrl, `$1${redacted}%40`)
      .replace(authorization, (_, bearer, basic, header, colon) =>
        header === undefined ? `${bearer ?? basic} ${redacted}` : `${header}${colon}${redacted}`,
      )
      .replace(token, redacted)
      .replace(nkeySeed, redacted)
      .replace(privateKey, redacted)
      .replace(secretInText, `$1$2${redacted}`);
    return personalInText === undefined ? said : said.replace(personalInText, `$1${redacted}`);
  };
  return Object.assign(redact, { suspects: (line: string) => sign.test(line) });
}
