/** What proves to an authority that a name is ours: over HTTP on port 80, and in a handshake on port 443 (RFC 8737). */
import { createHash } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { parseIp } from '../../core/codec/address.ts';
import { der } from '../../core/codec/der.ts';
import type { Log } from '../../core/runtime.ts';
import { extension, makeCertificate, pemOf } from '../certificate.ts';
import { prove, readHello, refuse, remoteOf } from './greeting.ts';
import { LOGGER } from './client.ts';

const PATH = '/.well-known/acme-challenge/';
const HOUR = 3_600_000;

export interface Proof {
  readonly type: 'http-01' | 'tls-alpn-01';
  readonly name: string;
  readonly token: string;
  /** The token and the account's thumbprint. */
  readonly authorization: string;
}

export interface ProofPlace {
  /** '' is every address. */
  readonly host: string;
  readonly httpPort: number;
  readonly tlsPort: number;
}

/** A request for a proof. */
export interface Asked {
  readonly path: string;
  /** Of the header. */
  readonly host: string;
  readonly remote: string;
  readonly agent: string;
}

/** The proofs of one server, whichever listener they are for; those of its listeners that are asked show them, too. */
export class AcmeChallenges {
  readonly #proofs = new Map<string, Proof>();
  readonly #contexts = new Map<string, SecureContext>();
  readonly #log: Log;
  /** Where others that share a folder write theirs. */
  readonly #shared: ((name: string) => Promise<string | undefined>)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  share(look: (name: string) => Promise<string | undefined>): void {
    this.#shared.push(look);
  }

  /** Whether any listener could have something to prove. */
  get inUse(): boolean {
    return this.#shared.length > 0;
  }

  /** Shown as long as `run` takes; where another program has the port, it may be a proxy in front of this one. */
  async showing<T>(proof: Proof, place: ProofPlace, run: () => Promise<T>): Promise<T> {
    const key = keyOf(proof.type, proof.name);
    this.#proofs.set(key, proof);
    if (proof.type === 'tls-alpn-01') this.#contexts.set(alpnName(proof.name), provingContext(proof));
    const server = await (proof.type === 'http-01' ? this.#httpServer(place) : this.#tlsServer(place));
    try {
      return await run();
    } finally {
      this.#proofs.delete(key);
      this.#contexts.delete(alpnName(proof.name));
      server?.close();
    }
  }

  /** The text for a path below `/.well-known/acme-challenge/`; undefined: nobody knows it. */
  async answer({ path, host, remote, agent }: Asked): Promise<string | undefined> {
    if (!path.startsWith(PATH)) return undefined;
    const name = host
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1')
      .toLowerCase();
    const own = this.#proofs.get(keyOf('http-01', name));
    const found = own ?? (await this.#sharedProof(name));
    if (found === undefined) {
      const error = `no information found to solve challenge for identifier: ${name}`;
      const about = { uri: path, identifier: name, remote_addr: remote, user_agent: agent, error };
      this.#log.write('warn', LOGGER, 'looking up info for HTTP challenge', about);
    }
    if (path !== PATH + found?.token) return undefined;
    const about = { identifier: name, challenge: 'http-01', remote, distributed: own === undefined };
    this.#log.write('info', LOGGER, 'served key authentication', about);
    return found?.authorization;
  }

  /** For a client that speaks `acme-tls/1`. */
  prove(socket: Socket, serverName: string): void {
    const context = this.#contexts.get(serverName.toLowerCase());
    if (context === undefined) return refuse(socket);
    const about = { server_name: serverName, challenge: 'tls-alpn-01', remote: remoteOf(socket), distributed: false };
    this.#log.write('info', LOGGER, 'served key authentication certificate', about);
    prove(socket, context);
  }

  async #sharedProof(name: string): Promise<Proof | undefined> {
    for (const look of this.#shared) {
      const text = await look(name);
      const proof = text === undefined ? undefined : sharedProof(name, text);
      if (proof !== undefined) return proof;
    }
    return undefined;
  }

  async #httpServer({ host, httpPort }: ProofPlace): Promise<Server | undefined> {
    const { createServer } = process.getBuiltinModule('node:http');
    const server = createServer((request, response) => {
      const { url: path = '', headers, socket } = request;
      const { host: name = '', 'user-agent': agent = '' } = headers;
      void this.answer({ path, host: name, remote: remoteOf(socket), agent }).then((text) => {
        response.setHeader('Connection', 'close');
        if (text === undefined) response.writeHead(404).end();
        else response.writeHead(200, { 'Content-Type': 'text/plain' }).end(text);
      });
    });
    return listening(server, httpPort, host);
  }

  async #tlsServer({ host, tlsPort }: ProofPlace): Promise<Server | undefined> {
    const server = process
      .getBuiltinModule('node:net')
      .createServer((socket) =>
        readHello(socket, (hello) => this.prove(socket, hello === 'none' ? '' : hello.serverName)),
      );
    return listening(server, tlsPort, host);
  }
}

const keyOf = (type: string, name: string): string => `${type} ${name}`;

/** Undefined for a file that is no challenge's, or is being written. */
function sharedProof(name: string, text: string): Proof | undefined {
  try {
    const { token, keyAuthorization } = (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof token !== 'string' || typeof keyAuthorization !== 'string') return undefined;
    return { type: 'http-01', name, token, authorization: keyAuthorization };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Undefined where the port is somebody else's. */
function listening(server: Server, port: number, host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(host === '' ? { port } : { port, host }, () => resolve(server));
  });
}

/** Addresses are asked for by the name that reverse lookups have for them (RFC 8738). */
export function alpnName(name: string): string {
  if (isIP(name) === 0) return name.toLowerCase();
  const { width, value } = parseIp(name)!;
  const parts = width === 32 ? name.split('.') : Array.from(value.toString(16).padStart(32, '0'));
  return `${parts.reverse().join('.')}.${width === 32 ? 'in-addr' : 'ip6'}.arpa`;
}

function provingContext({ name, authorization }: Proof): SecureContext {
  const digest = Uint8Array.from(createHash('sha256').update(authorization).digest());
  const made = makeCertificate({
    curve: 'P-256',
    commonName: 'ACME challenge',
    hosts: [name],
    ca: false,
    notBefore: Date.now() - HOUR,
    notAfter: Date.now() + 24 * HOUR,
    more: [extension('1.3.6.1.5.5.7.1.31', true, der.octets(digest))],
  });
  const key = made.key.export({ type: 'pkcs8', format: 'pem' });
  return process.getBuiltinModule('node:tls').createSecureContext({ cert: pemOf(made.der), key });
}
