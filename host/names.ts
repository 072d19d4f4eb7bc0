/** The DNS, asked as Go asks it; node:dns is loaded when the first name is looked up. */
import type { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP, type LookupFunction } from 'node:net';
import { NetworkError } from '../core/runtime.ts';
import type { Micros, Names } from '../core/runtime.ts';
import { codeOf } from './errno.ts';

export const hostNames: Names = {
  async texts(name, resolver, timeout) {
    const found = await looked(name, timeout, resolverAt(resolver), (dns) => dns.resolveTxt(name));
    return found.map((pieces) => pieces.join(''));
  },
};

const load = () => process.getBuiltinModule('node:dns');

function resolverAt(address: string): Resolver {
  // Go waits five seconds for an answer, twice.
  const resolver = new (load().promises.Resolver)({ timeout: 5_000, tries: 2 });
  if (address !== '') resolver.setServers([address]);
  return resolver;
}

/** Go names the machine's own server, whomever it asks. */
const shownServer = (): string => {
  const [first = '127.0.0.1'] = load().getServers();
  if (isIP(first) === 0) return first;
  return isIP(first) === 6 ? `[${first}]:53` : `${first}:53`;
};

const GO_TEXTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host',
  ENODATA: 'no such host',
  ECONNREFUSED: 'read: connection refused',
  ETIMEOUT: 'i/o timeout',
  ECANCELLED: 'i/o timeout',
};

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DOMAIN = new RegExp(String.raw`^(?=.{1,254}$)(?=.*[a-z_-])${LABEL}(?:\.${LABEL})*\.?$`, 'i');

export function lookupError(name: string, error: unknown): NetworkError {
  // For what cannot be a name nobody is asked.
  const at = DOMAIN.test(name) ? ` on ${shownServer()}` : '';
  return new NetworkError(
    'unreachable',
    `lookup ${name}${at}: ${GO_TEXTS[codeOf(error) ?? ''] ?? 'server misbehaving'}`,
  );
}

/** Undefined unless the error is of a socket whose host has a name that leads nowhere. */
export function unknownName(error: unknown): NetworkError | undefined {
  const { syscall, hostname } = error as { readonly syscall?: unknown; readonly hostname?: unknown };
  if (syscall !== 'getaddrinfo' || typeof hostname !== 'string') return undefined;
  return lookupError(hostname, error);
}

async function looked<T>(name: string, timeout: Micros, dns: Resolver, ask: (dns: Resolver) => Promise<T>): Promise<T> {
  const timer = setTimeout(() => dns.cancel(), timeout / 1_000);
  try {
    return await ask(dns);
  } catch (error) {
    throw lookupError(name, error);
  } finally {
    clearTimeout(timer);
  }
}

/** The addresses of a name in the machine's own list of them, which comes before any server. */
async function listed(name: string): Promise<string[]> {
  const lines = (await readFile('/etc/hosts', 'utf8').catch(() => '')).split('\n');
  return lines.flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return names.includes(name) ? [address] : [];
  });
}

/** What sockets look names up with. Fails with NetworkError. */
export function lookupAt(resolver: string, timeout: Micros): LookupFunction {
  return (name, _, done) => {
    const addresses = async (): Promise<string[]> => {
      const known = await listed(name);
      if (known.length > 0) return known;
      return looked(name, timeout, resolverAt(resolver), async (dns) => {
        const [four, six] = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
        const found = [four, six].flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
        if (found.length > 0) return found;
        throw four.status === 'rejected' ? four.reason : (six as PromiseRejectedResult).reason;
      });
    };
    addresses().then(
      (found) => done(null, found.map((address) => ({ address, family: isIP(address) })) as never),
      (error: unknown) => done(error as Error, []),
    );
  };
}
