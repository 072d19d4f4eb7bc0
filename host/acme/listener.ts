/** A listener whose certificates come from an ACME authority, as its stanza describes it. */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Server as TlsServer, TlsOptions } from 'node:tls';
import type { ListenerConfiguration } from '../../core/server/configuration/configuration.ts';
import { ConfigurationError } from '../../core/server/configuration/configuration.ts';
import type { Log } from '../../core/runtime.ts';
import { hostWeb } from '../web.ts';
import { AcmeCache, cacheFolder } from './cache.ts';
import { AcmeCertificates, EXPIRED } from './certificates.ts';
import type { AcmeChallenges } from './challenges.ts';
import { AcmeClient, AcmeError, LOGGER } from './client.ts';
import type { ClientHello } from './client-hello.ts';
import { PROTOCOL, readHello, refuse, remoteOf } from './greeting.ts';
import { KEY_TYPES } from './keys.ts';
import type { KeyType } from './keys.ts';
import { AcmeOrders, issuerOf } from './orders.ts';

const AUTHORITY = 'https://acme-v02.api.letsencrypt.org/directory';

export interface Acme {
  /** Puts itself before what the server does with a connection. Must run before the server listens. */
  guard(server: TlsServer, settings: TlsOptions): void;
  close(): void;
}

/** Rejects with ConfigurationError. */
export async function acmeOf(
  { tlsAcme: acme }: ListenerConfiguration,
  challenges: AcmeChallenges,
  log: Log,
): Promise<Acme> {
  const folder = await cacheFolder(acme.cachePath).catch((error: unknown) => {
    throw wrong(error instanceof Error ? error.message : String(error));
  });
  const keyType = keyTypeOf(acme.keyType);
  const ca = acme.caRoot === '' ? undefined : await rootOf(acme.caRoot);
  const directory = acme.directory || AUTHORITY;
  const cache = new AcmeCache(folder, issuerOf(directory));
  challenges.share((name) => cache.challenge(name));
  const settings = {
    directory,
    email: acme.email,
    ...(acme.eabKeyId === '' ? {} : { binding: { keyId: acme.eabKeyId, macKey: acme.eabMacKey } }),
    keyType,
    kinds: [
      ...(acme.disableHttpChallenge ? [] : (['http-01'] as const)),
      ...(acme.disableAlpnChallenge ? [] : (['tls-alpn-01'] as const)),
    ],
    place: {
      host: acme.challengeHost,
      httpPort: acme.httpChallengePort || 80,
      tlsPort: acme.alpnChallengePort || 443,
    },
  };
  const orders = new AcmeOrders(new AcmeClient(hostWeb, log, directory, ca), cache, challenges, settings, log);
  log.write('info', `${LOGGER}.maintenance`, 'started background certificate maintenance');
  const certificates = new AcmeCertificates(orders, cache, acme.domains, log);
  const waiting = new Set<Socket>();
  return {
    guard: (server, options) => guard(server, options, { certificates, challenges, log, waiting }),
    close: () => {
      certificates.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

interface Guard {
  readonly certificates: AcmeCertificates;
  readonly challenges: AcmeChallenges;
  readonly log: Log;
  /** Who has no certificate yet. */
  readonly waiting: Set<Socket>;
}

const wrong = (reason: string): ConfigurationError =>
  new ConfigurationError(`Error initializing listener of type tcp: ${reason}`);

function keyTypeOf(text: string): KeyType {
  const type = KEY_TYPES.find((one) => one === (text || 'p256'));
  if (type !== undefined) return type;
  const allowed = KEY_TYPES.map((one) => `\`${one}\``).join(', ');
  throw wrong(`unknown value for tls_acme_key_type (\`${text}\`); allowed values are ${allowed}`);
}

async function rootOf(path: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch {
    throw wrong(`failed to read ACME CA file: open ${path}: no such file or directory`);
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw wrong('failed to parse ACME CA certificate');
  return pem;
}

/**
 * Who says hello waits until there is a certificate for the name; who names none gets one for the address at which it
 * arrived. Node would ask for certificates by name only, and not for those who prove names to an authority.
 */
function guard(server: TlsServer, settings: TlsOptions, { certificates, challenges, log, waiting }: Guard): void {
  const handlers = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  let shown: unknown;
  const received = async (socket: Socket, hello: ClientHello | 'none'): Promise<void> => {
    if (hello !== 'none' && hello.protocols.includes(PROTOCOL)) {
      challenges.prove(socket, hello.serverName);
      return;
    }
    if (hello !== 'none') {
      const local = (socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
      const options = await certificates.options(hello.serverName || local);
      if (socket.destroyed) return;
      // Taken for this connection before anything else can run.
      if (options !== shown) server.setSecureContext({ ...settings, ...options });
      shown = options;
    }
    waiting.delete(socket);
    for (const handle of handlers) handle.call(server, socket);
  };
  server.on('connection', (socket: Socket) => {
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket));
    readHello(socket, (hello) => {
      received(socket, hello).catch((error: unknown) => {
        // What the system refuses, such as a folder that is gone, is no bug.
        if (!(error instanceof AcmeError) && !(error instanceof Error && 'code' in error)) throw error;
        log.write('info', '', `http: TLS handshake error from ${remoteOf(socket)}: ${error.message}`);
        if (error instanceof AcmeError && error.type === EXPIRED) socket.destroy();
        else refuse(socket);
      });
    });
  });
}
