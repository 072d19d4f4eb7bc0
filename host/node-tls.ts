/**
 * Mutual TLS between nodes. Both sides show the same self-signed certificate, which they know from the barrier; a peer
 * with any other is refused. The name asked for (SNI) says which certificate that is, ALPN what will be spoken.
 */
import { createHash, createPrivateKey } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { NetworkError } from '../core/runtime.ts';
import type { Connection, Listener, Micros, NodeIdentity, NodeTls } from '../core/runtime.ts';
import { makeCertificate, pemOf } from './certificate.ts';
import { SocketConnection, dialError, listening, splitHostPort } from './network.ts';

// See listener.ts for why it is not imported.
const tls = () => process.getBuiltinModule('node:tls');

/** Clocks of nodes may differ a little; the certificate never expires in practice, as upstream's. */
const BEFORE = 30_000;
const VALID = 262_980 * 3_600_000;
const FIELD_BYTES = 66;

export class HostNodeTls implements NodeTls {
  readonly #failed: (error: Error) => void;

  /** A port that cannot be bound is reported to `failed`. */
  constructor(failed: (error: Error) => void) {
    this.#failed = failed;
  }

  makeIdentity(commonName: string): NodeIdentity {
    const now = Date.now();
    const times = { notBefore: now - BEFORE, notAfter: now + VALID };
    const { der, key } = makeCertificate({ curve: 'P-521', commonName, hosts: [commonName], ca: true, ...times });
    const { x = '', y = '', d = '' } = key.export({ format: 'jwk' });
    return { certificate: der, key: { x: integer(x), y: integer(y), d: integer(d) } };
  }

  listen(
    address: string,
    identities: ReadonlyMap<string, readonly NodeIdentity[]>,
    accept: (protocol: string, connection: Connection) => void,
  ): Listener {
    const open = new Set<Socket>();
    const server = tls().createServer({
      requestCert: true,
      // The certificate is compared as a whole instead.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNCallback: ({ protocols }) => protocols.find((protocol) => (identities.get(protocol) ?? []).length > 0),
      SNICallback: (name, done) => {
        const found = [...identities.values()].flat().find((identity) => nameOf(identity) === name);
        if (found === undefined) done(new Error(`no certificate named ${name}`));
        else done(null, contextOf(found));
      },
    });
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
    // A handshake that fails is the peer's to report.
    server.on('tlsClientError', (_, socket) => socket.destroy());
    server.on('secureConnection', (socket: TLSSocket) => {
      const protocol = socket.alpnProtocol || '';
      const shown = socket.getPeerX509Certificate()?.raw;
      if (
        shown === undefined ||
        identities.get(protocol)?.some(({ certificate }) => shown.equals(certificate)) !== true
      ) {
        socket.destroy();
        return;
      }
      accept(protocol, new SocketConnection(socket));
    });
    server.on('error', this.#failed);
    return listening(server, address, open);
  }

  dial(address: string, protocol: string, identity: NodeIdentity, timeout: Micros): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = tls().connect({
        ...splitHostPort(address),
        servername: nameOf(identity),
        ALPNProtocols: [protocol],
        secureContext: contextOf(identity),
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
      });
      const fail = (error: NetworkError): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new NetworkError('timeout', `dial tcp ${address}: i/o timeout`)),
        timeout / 1_000,
      );
      const broken = (error: Error): void => fail(peerError(error, address));
      const ended = (): void => fail(new NetworkError('refused', 'remote error: tls: internal error'));
      socket.once('error', broken);
      socket.once('close', ended);
      socket.once('secureConnect', () => {
        const shown = socket.getPeerX509Certificate()?.raw;
        if (shown?.equals(identity.certificate) !== true) {
          fail(new NetworkError('refused', 'tls: failed to verify certificate'));
          return;
        }
        clearTimeout(timer);
        socket.off('error', broken);
        socket.off('close', ended);
        resolve(new SocketConnection(socket));
      });
    });
  }
}

/** What the peer says in an alert has no code of the system's. */
function peerError(error: Error, address: string): NetworkError {
  const code = 'code' in error ? String(error.code) : '';
  if (code.startsWith('ERR_SSL')) return new NetworkError('refused', 'remote error: tls: internal error');
  return dialError(error, address);
}

/** What a certificate is asked for by: its fingerprint, as far as a host name's label goes. */
const nameOf = ({ certificate }: NodeIdentity): string =>
  createHash('sha256').update(certificate).digest('hex').slice(0, 40);

const contexts = new WeakMap<NodeIdentity, SecureContext>();

function contextOf(identity: NodeIdentity): SecureContext {
  let context = contexts.get(identity);
  if (context === undefined) {
    const { x, y, d } = identity.key;
    const jwk = { kty: 'EC', crv: 'P-521', x: field(x), y: field(y), d: field(d) };
    const key = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
    context = tls().createSecureContext({ cert: pemOf(identity.certificate), key });
    contexts.set(identity, context);
  }
  return context;
}

const integer = (base64url: string): bigint =>
  BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex') || '0'}`);

const field = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(2 * FIELD_BYTES, '0'), 'hex').toString('base64url');
