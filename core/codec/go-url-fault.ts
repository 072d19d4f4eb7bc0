/** Why Go's url.Parse refuses an address, in its words. */
import { quote } from './go-quote.ts';

/** What may stand in a host beside letters, digits and what is beyond ASCII. */
const HOST = /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]/u;
const USERINFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

/** Undefined where it is taken; else like `parse "https://a b": invalid character " " in host name`. */
export function urlFault(url: string): string | undefined {
  const fault = faultOf(url);
  return fault === undefined ? undefined : `parse ${quote(url)}: ${fault}`;
}

function faultOf(url: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what a URL must not hold
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(url)?.[0] ?? '';
  if (scheme === '' && /^[^/?#]*:/.test(url)) return 'first path segment in URL cannot contain colon';
  const after = url.slice(scheme.length);
  if (!after.startsWith('//')) return escapeFault(after.split(/[?#]/, 1)[0]!);
  const rest = after.slice(2);
  const authority = rest.split(/[/?#]/, 1)[0]!;
  const path = rest.slice(authority.length).split(/[?#]/, 1)[0]!;
  const at = authority.lastIndexOf('@');
  return (
    hostFault(authority.slice(at + 1)) ??
    (USERINFO.test(authority.slice(0, Math.max(at, 0))) ? undefined : 'net/url: invalid userinfo') ??
    escapeFault(path)
  );
}

function hostFault(host: string): string | undefined {
  if (!host.startsWith('[') && host.includes('[')) return 'invalid IP-literal';
  const end = host.startsWith('[') ? host.lastIndexOf(']') + 1 : host.search(/:|$/);
  if (host.startsWith('[') && end === 0) return "missing ']' in host";
  const port = host.slice(end);
  if (!/^(?::\d*)?$/.test(port)) return `invalid port ${quote(port)} after host`;
  for (let at = 0; at < host.length; at++) {
    if (host[at] === '%') {
      // Only what is beyond ASCII may be escaped in a host.
      const escaped = host.slice(at, at + 3);
      if (!/^%[89a-fA-F][0-9a-fA-F]$/.test(escaped)) return `invalid URL escape ${quote(escaped)}`;
      at += 2;
    } else if (!HOST.test(host[at]!)) return `invalid character ${quote(host[at]!)} in host name`;
  }
  return undefined;
}

function escapeFault(text: string): string | undefined {
  const at = text.search(/%(?![0-9a-fA-F]{2})/);
  return at < 0 ? undefined : `invalid URL escape ${quote(text.slice(at, at + 3))}`;
}
