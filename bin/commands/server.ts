/** `steamer server`: a dev server, or one from configuration files, until a signal ends it. */
import { EventEmitter, once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import type { Configuration, ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import type { LogLevel } from '../../core/runtime.ts';
import { hostLog } from '../../host/log.ts';
import { sanitized } from '../../host/sanitized.ts';
import { startServer } from '../../host/server.ts';
import type { RunningServer } from '../../host/server.ts';
import { banner, devNotice } from '../server/banner.ts';
import { devConfiguration } from '../server/dev.ts';
import { environment } from '../server/environment.ts';
import { loadConfiguration } from '../server/load.ts';
import { reportFailure } from '../failure.ts';
import { UsageError, parseFlags } from '../flags.ts';
import type { Flags } from '../flags.ts';
import { serverFlags, serverUsage } from '../server/options.ts';

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(serverUsage);
    return 0;
  }
  const flags = parseFlags(words, serverFlags);
  return serve(flags);
}

const isDev = (flags: Flags): boolean =>
  flags.boolean('dev') || flags.boolean('dev-tls') || flags.boolean('dev-kv-v1') || flags.boolean('dev-ha');

async function serve(flags: Flags): Promise<number> {
  const dev = isDev(flags);
  const { configuration: loaded, warnings } = await loadConfiguration(flags.strings('config'));
  if (!dev && loaded === undefined) throw new UsageError('Must specify at least one config path using -config');
  const configured = dev ? await devConfiguration(flags, loaded) : loaded!;
  const configuration = withAddresses(configured, dev);
  const log = hostLog({
    level: levelOf(flags.string('log-level') ?? environment('LOG_LEVEL') ?? configuration.logLevel),
    format: formatOf(flags.string('log-format') ?? environment('LOG_FORMAT') ?? configuration.logFormat),
    print: console.log,
    now: Date.now,
  });
  for (const warning of warnings) log.write('warn', '', warning);
  if (flags.boolean('test-server-config')) return 0;
  if (configuration.apiAddr === '') {
    const rest = 'falling back to detection if possible, but this value should be manually set';
    log.write('warn', '', `no \`api_addr\` value specified in config or in BAO_API_ADDR; ${rest}`);
  }
  if (!dev && configuration.storage?.type === 'inmem') {
    console.log('\nWARNING: storage configured to use "inmem" which should NOT be used in\nproduction\n');
  }

  const rootToken = flags.string('dev-root-token-id') ?? environment('DEV_ROOT_TOKEN_ID') ?? '';
  const kvVersion = flags.boolean('dev-kv-v1') ? 1 : 2;
  let server: RunningServer;
  const ending = new EventEmitter();
  const ended = once(ending, 'end') as Promise<[number]>;
  const failed = (error: unknown): void => {
    ending.emit('end', reportFailure(error));
  };
  try {
    server = await startServer({
      configuration,
      log,
      failed,
      sanitized: sanitized(dev ? configured : configuration, dev),
      ...(dev && !flags.boolean('dev-skip-init') ? { dev: { rootToken, kvVersion } } : {}),
    });
  } catch (error) {
    throw startupError(error, configuration);
  }
  console.log(banner(configuration));
  if (server.devKeys !== undefined) {
    if (!flags.boolean('dev-no-store-token')) await storeToken(server.devKeys.rootToken);
    console.log(devNotice(configuration, server.devKeys));
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log('==> OpenBao shutdown triggered');
      server.stop().then(() => ending.emit('end', 0), failed);
    });
  }
  // A server without listeners waits for its signal too.
  setInterval(() => undefined, 2 ** 30);
  const [code] = await ended;
  // Connections that clients keep open must not hold the process.
  process.exit(code);
}

function levelOf(text: string): LogLevel {
  const level = text.trim().toLowerCase();
  const names: Readonly<Record<string, LogLevel>> = { '': 'info', err: 'error', notice: 'info', warning: 'warn' };
  const found = names[level] ?? (['trace', 'debug', 'info', 'warn', 'error'] as const).find((name) => name === level);
  if (found === undefined) throw new ConfigurationError(`unknown log level: ${text}`);
  return found;
}

function formatOf(text: string): 'standard' | 'json' {
  const format = text.trim().toLowerCase();
  if (format === 'json') return 'json';
  if (format === '' || format === 'standard') return 'standard';
  throw new ConfigurationError(`unknown log format: ${text}`);
}

/** Addresses from the environment, else what the first listener suggests in dev mode. */
function withAddresses(configuration: Configuration, dev: boolean): Configuration {
  const first = configuration.listeners[0];
  const own = dev && first !== undefined ? apiAddress(first) : '';
  const apiAddr = environment('API_ADDR') ?? (configuration.apiAddr || own);
  const given = environment('CLUSTER_ADDR') ?? configuration.clusterAddr;
  // With raft others reach the node there, so upstream wants it said.
  const clusterAddr = given !== '' || configuration.storage?.type === 'raft' ? given : clusterAddress(apiAddr);
  return { ...configuration, apiAddr, clusterAddr };
}

const apiAddress = (listener: ListenerConfiguration): string =>
  `${listener.tlsDisable ? 'http' : 'https'}://${listener.address}`;

/** The port after the API's, always with TLS. */
function clusterAddress(apiAddr: string): string {
  if (!URL.canParse(apiAddr)) return '';
  const url = new URL(apiAddr);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return `https://${url.hostname}:${port + 1}`;
}

/** One line for what an operator can mend; anything else is ours. */
function startupError(error: unknown, configuration: Configuration): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'bind: address already in use',
    EACCES: 'bind: permission denied',
    EADDRNOTAVAIL: 'bind: cannot assign requested address',
    ENOTFOUND: 'lookup: no such host',
    ENOENT: 'no such file or directory',
  };
  const reason = reasons[code];
  if (reason === undefined || !(error instanceof Error)) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  const port = 'port' in error ? `:${String(error.port)}` : '';
  const listener = configuration.listeners.find(({ address }) => address.endsWith(port)) ?? configuration.listeners[0];
  const what = path === undefined ? `listen ${listener?.type ?? 'tcp'} ${listener?.address ?? ''}` : `open ${path}`;
  return new ConfigurationError(`Error initializing listener of type ${listener?.type ?? 'tcp'}: ${what}: ${reason}`);
}

/** Where the clients' token helper looks. */
async function storeToken(token: string): Promise<void> {
  await writeFile(join(homedir(), '.vault-token'), token, { mode: 0o600 });
}
