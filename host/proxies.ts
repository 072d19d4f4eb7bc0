/**
 * The proxies of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in capitals or not), chosen as Go's net/http
 * chooses: never for the machine itself, and NO_PROXY's names hold for what is below them, too.
 */
import type { Agent } from 'node:http';
import { inAddresses, parseCidr, parseIp } from '../core/codec/address.ts';
import { parseGoUrl } from '../core/codec/go-url.ts';
import { printGoUrl } from '../core/codec/go-url-text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The agent for a request to `url`; undefined: it goes there directly. Read once, as Go does. */
export type Proxies = (url: URL) => Agent | undefined;

const chosen = (environment: Environment, name: string): string =>
  environment[name] || environment[name.toLowerCase()] || '';

/** What the log tells of them, without who logs in there; here the name in small letters goes first. */
export function shownProxies(environment: Environment): Readonly<Record<string, string>> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];
  const given = (name: string): string => environment[name] || environment[name.toUpperCase()] || '';
  return Object.fromEntries(names.map((name) => [name, redacted(given(name))]));
}

/** As it was written where Go reads no URL in it. */
function redacted(text: string): string {
  if (parseGoUrl(text) === undefined) return text;
  return printGoUrl(text).replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)([^/?#]+)(?=@)/, (_, start: string, login: string) => {
    return `${start}redacted-username${login.includes(':') ? ':redacted-password' : ''}`;
  });
}

export function proxiesOf(environment: Environment): Proxies {
  const [http, https] = [chosen(environment, 'HTTP_PROXY'), chosen(environment, 'HTTPS_PROXY')];
  if (http === '' && https === '') return () => undefined;
  const excepted = exceptions(chosen(environment, 'NO_PROXY'));
  const agents = new Map<string, Agent>();
  return (url) => {
    const secure = url.protocol === 'https:';
    const proxy = secure ? https : http;
    if (proxy === '' || excepted(hostOf(url), url.port || (secure ? '443' : '80'))) return undefined;
    let agent = agents.get(url.protocol);
    if (agent === undefined) agents.set(url.protocol, (agent = agentFor(proxy, secure)));
    return agent;
  };
}

function agentFor(proxy: string, secure: boolean): Agent {
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  const { Agent } = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  return new Agent({ keepAlive: true, proxyEnv: { [secure ? 'HTTPS_PROXY' : 'HTTP_PROXY']: address } });
}

const hostOf = ({ hostname }: URL): string => hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');

type Exception = (host: string, port: string) => boolean;

const LOOPBACK = ['127.0.0.0/8', '::1'];

function exceptions(list: string): Exception {
  const named = list.split(',').map((text) => exception(text.trim().toLowerCase()));
  return (host, port) => {
    return host === 'localhost' || inAddresses(host, LOOPBACK) || named.some((matches) => matches(host, port));
  };
}

/** One word of NO_PROXY: `*`, a block, an address or a name, the last two also with a port. */
function exception(word: string): Exception {
  if (word === '') return () => false;
  if (word === '*') return () => true;
  if (parseCidr(word) !== undefined) return (host) => inAddresses(host, [word]);
  const [, name = word, port = ''] = /^(?:\[?(.*?)\]?):(\d+)$/.exec(parseIp(word) === undefined ? word : '') ?? [];
  const samePort = (actual: string): boolean => port === '' || port === actual;
  const address = name.replace(/^\[(.*)\]$/, '$1');
  if (parseIp(address) !== undefined) return (host, actual) => samePort(actual) && inAddresses(host, [address]);
  const below = name.startsWith('*.') ? name.slice(1) : name;
  const suffix = below.startsWith('.') ? below : `.${below}`;
  return (host, actual) => samePort(actual) && (host.endsWith(suffix) || host === below);
}
