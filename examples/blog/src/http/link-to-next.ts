/** The header `Link` (RFC 8288) to the page after that of this URL. */
export function linkToNext(url: string, next: string): string {
  const [path = '', query] = url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('after', next);
  return `<${path}?${parameters}>; rel="next"`;
}
