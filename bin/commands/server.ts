/** `steamer server`: a dev server, or one from configuration files, until a signal ends it. */
import { EventEmitter, once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import type { HostLog } from '../../host/log.ts';
import { initialising } from '../../host/listening.ts';
import { shownProxies } from '../../host/proxies.ts';
import { notify } from '../../host/notify.ts';
import { sanitized } from '../../host/sanitized.ts';
import { startServer } from '../../host/server.ts';
import type { Latency } from '../../host/slow-storage.ts';
import type { Changed, RunningServer } from '../../host/server.ts';
import { givenApiAddress, withAddresses } from '../server/addresses.ts';
import { STARTED, banner, devNotice } from '../server/banner.ts';
import { devConfiguration } from '../server/dev.ts';
import { noPrograms, writeClusterFile } from '../server/dev-files.ts';
import { environment } from '../server/environment.ts';
import { loadConfiguration } from '../server/load.ts';
import { logLevel, openLog, withLog } from '../server/log.ts';
import { Shutdown } from '../server/shutdown.ts';
import { reportFailure } from '../failure.ts';
import { UsageError, parseFlags } from '../flags.ts';
import type { Flags } from '../flags.ts';
import { serverFlags, serverUsage } from '../server/options.ts';
import { codeOf } from '../../host/errno.ts';

export async function command(words: readonly string[]): Promise<number> {
  if (words.some((word) => ['-h', '-help', '--help'].includes(word))) {
    console.log(serverUsage);
    return 0;
  }
  try {
    return await serve(read(words));
  } catch (error) {
    // What had begun already (a node, its listeners) must not hold the process.
    process.exit(reportFailure(error));
  }
}

/** Throws UsageError; what looks like flags behind other words, or a wrong flag, is said first. */
function read(words: readonly string[]): Flags {
  const tell = (rest: readonly string[]): void => {
    const late = rest.filter((word) => word.startsWith('-') && word !== '-');
    if (late.length === 0) return;
    console.error(
      `Command flags must be provided before positional arguments. The following arguments will not be parsed as flags: [${late.join(',')}]`,
    );
  };
  try {
    const flags = parseFlags(words, serverFlags, 'first');
    tell(flags.rest);
    return flags;
  } catch (error) {
    if (error instanceof UsageError) tell(error.rest);
    throw error;
  }
}

const NO_FILES = `No configuration files found. Please provide configurations with the -config
flag. If you are supplying the path to a directory, please ensure the
directory contains files with the .hcl or .json extension.`;
const TOKEN_IGNORED = `You cannot specify a custom root token ID outside of "dev" mode. Your request
has been ignored.`;

/** Of a hundred parts. */
const JITTER = 20;

const isDev = (flags: Flags): boolean =>
  flags.boolean('dev') ||
  flags.boolean('dev-tls') ||
  flags.boolean('dev-kv-v1') ||
  flags.boolean('dev-ha') ||
  flags.boolean('dev-auto-seal');

async function serve(flags: Flags): Promise<number> {
  const recovery = flags.boolean('recovery');
  const dev = isDev(flags) && !recovery;
  const { configuration: loaded, warnings } = await loadConfiguration(flags.strings('config'));
  if (!dev && loaded === undefined)
    throw new UsageError(recovery ? NO_FILES : 'Must specify at least one config path using -config');
  const askedToken = flags.string('dev-root-token-id') ?? environment('DEV_ROOT_TOKEN_ID') ?? '';
  if (!dev && !recovery && askedToken !== '') console.error(TOKEN_IGNORED);
  const { configuration, sanitized: shown } = await effective(flags, loaded, dev);
  // Before a word is logged.
  if (!dev && configuration.storage === undefined) throw new ConfigurationError('a storage backend must be specified');
  const log = openLog(flags, configuration);
  for (const warning of warnings) log.write('warn', '', warning);
  log.write('info', '', 'proxy environment', shownProxies(process.env));
  if (givenApiAddress(loaded) === '') {
    const rest = 'falling back to detection if possible, but this value should be manually set';
    log.write('warn', '', `no \`api_addr\` value specified in config or in BAO_API_ADDR; ${rest}`);
  }
  const type = configuration.storage?.type ?? '';
  const founded = (): void => {
    if (dev || !type.startsWith('inmem')) return;
    console.log(`\nWARNING: storage configured to use "${type}" which should NOT be used in\nproduction\n`);
  };

  const kvVersion = flags.boolean('dev-kv-v1') ? 1 : 2;
  let server: Pick<RunningServer, 'reload' | 'stop'> & { readonly devKeys?: RunningServer['devKeys'] };
  const start = recovery ? (await import('../../host/recovery.ts')).startRecovery : startServer;
  const ending = new EventEmitter();
  const ended = once(ending, 'end') as Promise<[number]>;
  const failed = (error: unknown): void => {
    ending.emit('end', reportFailure(error));
  };
  const shutdown = new Shutdown();
  const check = flags.boolean('test-server-config') || flags.boolean('test-verify-only');
  try {
    server = await start({
      configuration,
      log,
      failed,
      founded,
      notice: (text) => console.error(text),
      check,
      opened: (listeners, physical) => {
        const bound = listeners.map(({ address }) => address);
        console.log(banner({ configuration, bound, ha: physical.ha !== undefined, recovery }));
      },
      sanitized: shown,
      ...(dev && !flags.boolean('dev-skip-init')
        ? {
            dev: {
              rootToken: askedToken,
              kvVersion,
              autoSeal: flags.boolean('dev-auto-seal'),
              latency: latencyOf(flags),
            },
          }
        : {}),
    });
  } catch (error) {
    throw startupError(error, configuration);
  }
  if (check) {
    await server.stop();
    return 0;
  }
  if (dev) await noPrograms(flags.string('dev-plugin-dir') ?? '');
  await notify(log, 'READY=1');
  console.log(STARTED);
  if (server.devKeys !== undefined) {
    const { devKeys } = server;
    const place = flags.string('dev-cluster-json') ?? '';
    if (place !== '') await writeClusterFile(place, configuration, devKeys);
    if (!flags.boolean('dev-no-store-token')) await storeToken(devKeys.rootToken);
    console.log(devNotice(configuration, devKeys));
  }
  const { pidFile } = configuration;
  if (pidFile !== '') await writeFile(pidFile, String(process.pid), { mode: 0o644 });
  process.on('SIGHUP', () => void reload(flags, log, server));
  // What the process is about, for who wonders; it goes on.
  process.on('SIGUSR2', () => {
    const resources = process.getActiveResourcesInfo().join(' ');
    log.write('info', '', 'what the process waits for', { resources, ...process.memoryUsage() });
  });
  shutdown.begun(() => {
    void notify(log, 'STOPPING=1')
      .then(() => server.stop())
      .then(() => ending.emit('end', 0), failed);
  });
  // Node would write what it compiled only at an orderly end, and servers are killed.
  setImmediate(flushCompileCache);
  // A server without listeners waits for its signal too.
  setInterval(() => undefined, 2 ** 30);
  const [code] = await ended;
  if (pidFile !== '') await rm(pidFile, { force: true });
  // Connections that clients keep open must not hold the process.
  process.exit(code);
}

function latencyOf(flags: Flags): Latency | undefined {
  const latency = flags.integer('dev-latency') ?? 0;
  return latency > 0 ? { latency, jitter: Math.max(0, flags.integer('dev-latency-jitter') ?? JITTER) } : undefined;
}

/** What the server runs with, and shows; without `dev` something has been loaded. */
async function effective(flags: Flags, loaded: Configuration | undefined, dev: boolean): Promise<Changed> {
  const configured = dev ? await devConfiguration(flags, loaded) : loaded!;
  // What is shown is what was written down, but for the log; the seal of dev mode is nobody's configuration.
  const { seals, ...rest } = sanitized(withLog(flags, configured), dev);
  const shown = dev && flags.boolean('dev-auto-seal') ? rest : { ...rest, seals: seals! };
  return { configuration: withAddresses(configured, dev), sanitized: shown };
}

/** What can change while the server runs; what cannot be read is said, and the old stays. */
async function reload(flags: Flags, log: HostLog, server: Pick<RunningServer, 'reload'>): Promise<void> {
  console.log('==> OpenBao reload triggered');
  await notify(log, 'RELOADING=1');
  try {
    const found = await changed(flags, log);
    await server.reload(found);
    if (found !== undefined) setLevel(flags, log, found.configuration);
  } catch (error) {
    console.error(`Error(s) were encountered during reload: ${error instanceof Error ? error.message : String(error)}`);
  }
  await notify(log, 'READY=1');
}

async function changed(flags: Flags, log: HostLog): Promise<Changed | undefined> {
  const paths = flags.strings('config');
  try {
    const { configuration: loaded } = await loadConfiguration(paths);
    if (loaded === undefined) return undefined;
    const found = await effective(flags, loaded, isDev(flags));
    // Shamir goes without saying when it is read again.
    const { seals: _, ...sanitized } = found.sanitized;
    return loaded.seals.length > 0 ? found : { ...found, sanitized };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [, path = paths[0] ?? '', reason = error.message] =
      /^error loading configuration from (.*?): (.*)$/s.exec(error.message) ?? [];
    log.write('error', '', 'could not reload config', { path, error: reason });
    return undefined;
  }
}

function setLevel(flags: Flags, log: HostLog, configuration: Configuration): void {
  try {
    log.setLevel(logLevel(flags, configuration));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    log.write('error', '', 'unknown log level found on reload', { level: configuration.logLevel });
  }
}

/** One line for what an operator can mend; anything else is ours. */
function startupError(error: unknown, configuration: Configuration): unknown {
  const code = codeOf(error) ?? '';
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
  return initialising(listener?.type ?? 'tcp', `${what}: ${reason}`);
}

/** Where the clients' token helper looks. */
async function storeToken(token: string): Promise<void> {
  await writeFile(join(homedir(), '.vault-token'), token, { mode: 0o600 });
}
