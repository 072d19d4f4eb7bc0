/** Our server within this process: a start takes milliseconds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHex } from '../../core/codec/hex.ts';
import { rsaFromTestPrimes } from '../../core/crypto/rsa.ts';
import { parseConfiguration } from '../../core/server/configuration/configuration.ts';
import type { Configuration } from '../../core/server/configuration/configuration.ts';
import { VERSION } from '../../core/server/profile.ts';
import type { RsaSource } from '../../host/crypto.ts';
import { rsaByNode } from '../../host/rsa.ts';
import { sanitized } from '../../host/sanitized.ts';
import { startServer } from '../../host/server.ts';
import type { ServerKind } from '../case.ts';
import { freePort } from '../program.ts';
import { inmemConfig, raftConfig } from './config.ts';
import { startCluster } from './ours-cluster.ts';
import type { Running, Target } from './target.ts';

export const oursInProcess = (): Target => ({
  name: 'ours',
  kinds: ['dev', 'bare', 'raft', 'shares', 'auto', 'cluster'],
  start: (kind) => (kind === 'cluster' ? startCluster() : start(kind)),
  close: () => Promise.resolve(),
});

/** What `server -dev` makes of a configuration. */
const asInDevMode = (configuration: Configuration, port: number): Configuration => ({
  ...configuration,
  clusterAddr: `https://127.0.0.1:${port + 1}`,
  ui: true,
  rawStorageEndpoint: true,
  introspectionEndpoint: true,
});

/** What upstream shows of dev mode, whatever address was asked for. */
const devStanza = (configuration: Configuration): Configuration => ({
  ...configuration,
  apiAddr: '',
  clusterAddr: '',
  listeners: configuration.listeners.map((listener) => ({
    ...listener,
    raw: {
      address: '127.0.0.1:8200',
      proxy_protocol_authorized_addrs: '127.0.0.1:8200',
      proxy_protocol_behavior: 'allow_authorized',
      tls_disable: true,
    },
  })),
});

async function start(kind: Exclude<ServerKind, 'cluster'>): Promise<Running> {
  const port = await freePort();
  const folder = kind === 'raft' ? await mkdtemp(join(tmpdir(), 'steamer-')) : '';
  const text = kind === 'raft' ? raftConfig(folder, port, await freePort()) : inmemConfig(kind, port);
  const { configuration } = parseConfiguration(text, 'conformance.hcl');
  let failure: unknown;
  const dev = kind === 'dev';
  const own = dev ? asInDevMode(configuration, port) : configuration;
  const server = await startServer({
    configuration: own,
    sanitized: sanitized(dev ? devStanza(own) : own, dev),
    log: { write: () => undefined },
    failed: (error) => (failure = error),
    rsa: quickRsa(),
    ...(kind === 'dev' ? { dev: { rootToken: 'root', kvVersion: 2 } } : {}),
  });
  return {
    addresses: [`http://127.0.0.1:${port}`],
    token: kind === 'dev' ? 'root' : '',
    version: VERSION,
    alive: () => failure === undefined,
    stop: async () => {
      await server.stop();
      if (folder !== '') await rm(folder, { recursive: true, force: true });
      if (failure !== undefined) throw failure;
    },
  };
}

/** No RSA key twice, and hardly any that takes a second to make: of test primes, as long as there are new pairs of them. */
function quickRsa(): RsaSource {
  const given = new Set<string>();
  return async (bits, random) => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const key = rsaFromTestPrimes(bits, random);
      const name = encodeHex(key.modulus);
      if (given.has(name)) continue;
      given.add(name);
      return key;
    }
    return rsaByNode(bits, random);
  };
}
