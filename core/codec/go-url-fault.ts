/** Why Go's url.Parse refuses an address, in its words. */
import { ipFault } from './go-ip-fault.ts';
import { quote } from './go-quote.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** What may stand in a host beside letters, digits and what is beyond ASCII. */
const HOST = /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]/u;
const USERINFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

/** Undefined where it is taken; else like `parse "https://a b": invalid character " " in host name`. */
export function urlFault(url: string): string | undefined {
  const hash = url.indexOf('#');
  const whole = hash < 0 ? url : url.slice(0, hash);
  const fault = faultOf(whole);
  if (fault !== undefined) return `parse ${quote(whole)}: ${fault}`;
  const broken = hash < 0 ? undefined : escapeFault(url.slice(hash + 1));
  return broken === undefined ? undefined : `parse ${quote(url)}: ${broken}`;
}

function faultOf(url: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what a URL must not hold
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(url)?.[0] ?? '';
  if (scheme === '' && /^[^/?]*:/.test(url)) return 'first path segment in URL cannot contain colon';
  const [after] = url.slice(scheme.length).split('?', 1) as [string];
  // What is opaque is not looked into.
  if (scheme !== '' && !after.startsWith('/')) return undefined;
  if (!after.startsWith('//') || (scheme === '' && after.startsWith('///'))) return escapeFault(after);
  const [authority] = after.slice(2).split('/', 1) as [string];
  return authorityFault(authority) ?? escapeFault(after.slice(2 + authority.length));
}

function authorityFault(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const login = authority.slice(0, Math.max(at, 0));
  return (
    hostFault(authority.slice(at + 1)) ??
    (USERINFO.test(login) ? undefined : 'net/url: invalid userinfo') ??
    login
      .split(/:(.*)/s)
      .map(escapeFault)
      .find((fault) => fault !== undefined)
  );
}

function hostFault(host: string): string | undefined {
  if (host.lastIndexOf('[') > 0) return 'invalid IP-literal';
  const end = host.startsWith('[') ? host.lastIndexOf(']') + 1 : host.search(/:|$/);
  if (host.startsWith('[') && end === 0) return "missing ']' in host";
  const port = host.slice(end);
  if (!/^(?::\d*)?$/.test(port)) return `invalid port ${quote(port)} after host`;
  return host.startsWith('[') ? literalFault(host.slice(1, end - 1)) : nameFault(host, false);
}

/** Of an IPv6 address without its brackets; a zone stands behind `%25`. */
function literalFault(literal: string): string | undefined {
  const percent = literal.indexOf('%25');
  const [address, zone] = percent < 0 ? [literal, ''] : [literal.slice(0, percent), literal.slice(percent)];
  const fault = nameFault(address, false) ?? nameFault(zone, true);
  if (fault !== undefined) return fault;
  const plain = unescaped(address) + unescaped(zone);
  const refused = ipFault(plain);
  if (refused !== undefined) return `invalid host: ${refused}`;
  return plain.includes(':') ? undefined : 'invalid IP-literal';
}

function nameFault(name: string, isZone: boolean): string | undefined {
  for (let at = 0; at < name.length; at++) {
    if (name[at] === '%') {
      const escaped = name.slice(at, at + 3);
      // Of ASCII only the percent sign itself may be escaped in a host, in a zone what may stand there as well.
      if (!/^%[0-9a-fA-F]{2}$/.test(escaped)) return `invalid URL escape ${quote(escaped)}`;
      const code = parseInt(escaped.slice(1), 16);
      const taken =
        code > 0x7f || escaped === '%25' || (isZone && (code === 0x20 || HOST.test(String.fromCharCode(code))));
      if (!taken) return `invalid URL escape ${quote(escaped)}`;
      at += 2;
    } else if (!HOST.test(name[at]!)) return `invalid character ${quote(name[at]!)} in host name`;
  }
  return undefined;
}

function unescaped(text: string): string {
  const bytes = text.split(/(%[0-9a-fA-F]{2})/).flatMap((part, at) => {
    return at % 2 === 0 ? Array.from(encodeUtf8(part)) : [parseInt(part.slice(1), 16)];
  });
  return decodeUtf8(Uint8Array.from(bytes));
}

function escapeFault(text: string): string | undefined {
  const at = text.search(/%(?![0-9a-fA-F]{2})/);
  return at < 0 ? undefined : `invalid URL escape ${quote(text.slice(at, at + 3))}`;
}
