/** Where a login may send its user back to: one of the URLs written down, on the user's own machine at any port. */
import { urlFault } from './go-url-fault.ts';
import { printGoUrl } from './go-url-text.ts';
import { type GoUrl, parseGoUrl } from './go-url.ts';

const OWN_MACHINE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);
const PORT = /^([^/?#]*\/\/(?:[^/?#]*@)?(?:localhost|127\.0\.0\.1|\[::1\])):\d*(?=[/?#]|$)/;

const read = (uri: string): GoUrl | undefined => (urlFault(uri) === undefined ? parseGoUrl(uri) : undefined);

/** As it is written without its port; undefined where Go reads no URL. */
function withoutPort(uri: string): string | undefined {
  const url = read(uri);
  return url && JSON.stringify([url.username, url.password, printGoUrl(uri.replace(PORT, '$1'))]);
}

/**
 * Of the user's own machine any port will do (RFC 8252, section 7.3), however the rest is escaped; an allowed one that
 * is no URL then ends the search. Anything else has to be there letter for letter.
 */
export function isAllowedRedirect(uri: string, allowed: readonly string[]): boolean {
  const url = read(uri);
  if (url === undefined) return false;
  if (!OWN_MACHINE.has(url.host)) return allowed.includes(uri);
  const sent = withoutPort(uri);
  for (const one of allowed) {
    const written = withoutPort(one);
    if (written === undefined) return false;
    if (written === sent) return true;
  }
  return false;
}
