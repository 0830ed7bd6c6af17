const plain = /^[A-Za-z0-9_-]+$/;

/**
 * The key of a row as one token of a subject, written as `encodeToken` of types-registry does: letters, digits, `-` and
 * `_` stay, every other byte becomes `=XX`. A key of 512 bytes takes up to 1,536, which is over the limit of a token there
 * and well within what a server takes.
 */
export function rowToken(key: string): string {
  return plain.test(key) ? key : key.replace(/[^A-Za-z0-9_-]+/g, percentEncode);
}

/** The key of a token that `rowToken` made. */
export function rowKey(token: string): string {
  return token.includes('=') ? decodeURIComponent(token.replaceAll('=', '%')) : token;
}

function percentEncode(run: string): string {
  return Buffer.from(run, 'utf8').toString('hex').toUpperCase().replace(/../g, '=$&');
}
