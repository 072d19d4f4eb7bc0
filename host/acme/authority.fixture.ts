/** A small ACME authority for tests: one account after another, one name an order, proofs looked for at given ports. */
import { createHash, createPublicKey } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions, Server } from 'node:http';
import { isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { parseRequest } from '../../core/crypto/x509/request.ts';
import { alpnName } from './challenges.ts';
import { makeCertificate, pemOf } from '../certificate.ts';
import type { Certificate } from '../certificate.ts';

type Json = Record<string, unknown>;

export interface AuthorityOptions {
  readonly httpPort: number;
  readonly tlsPort: number;
}

const HOUR = 3_600_000;

export class Authority {
  readonly #server: Server;
  readonly #options: AuthorityOptions;
  readonly root: Certificate;
  /** What was asked, in order: the last part of each path. */
  readonly asked: string[] = [];
  /** Bodies of new accounts. */
  readonly accounts: Json[] = [];
  /** Hours around now in which what is issued from now on is good. */
  lifetime: readonly [before: number, after: number] = [1, 24];
  /** A problem that is every answer to a new order. */
  refusal: Json | undefined;
  /** Whether proofs prove anything. */
  convinced = true;
  #nonces = 0;
  #name = '';
  #thumbprint = '';
  #status = 'pending';
  #chain = '';

  private constructor(server: Server, options: AuthorityOptions) {
    const times = { notBefore: Date.now() - HOUR, notAfter: Date.now() + 100 * HOUR };
    this.root = makeCertificate({ curve: 'P-256', commonName: 'authority', hosts: [], ca: true, ...times });
    this.#server = server;
    this.#options = options;
  }

  static async start(options: AuthorityOptions): Promise<Authority> {
    const server = createServer();
    const authority = new Authority(server, options);
    server.on('request', (request: IncomingMessage, response) => {
      void authority.#answer(request).then(({ status, headers = {}, body }) => {
        const type = status < 400 ? 'application/json' : 'application/problem+json';
        response.writeHead(status, { 'Content-Type': type, 'Replay-Nonce': `n${authority.#nonces++}`, ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return authority;
  }

  get directory(): string {
    return `${this.#url}/directory`;
  }

  get pem(): string {
    return pemOf(this.root.der);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<{ status: number; headers?: Record<string, string>; body: unknown }> {
    const path = request.url ?? '';
    const what = path.slice(1).split('/')[0]!;
    this.asked.push(what);
    const { head, body } = await read(request);
    const at = (place: string): string => `${this.#url}/${place}`;
    switch (what) {
      case 'directory':
        return { status: 200, body: { newNonce: at('nonce'), newAccount: at('account'), newOrder: at('order') } };
      case 'account':
        this.accounts.push(body);
        this.#thumbprint = createHash('sha256').update(JSON.stringify(head['jwk'])).digest('base64url');
        return { status: 201, headers: { Location: at('account/1') }, body: { status: 'valid', orders: at('orders') } };
      case 'order':
        if (this.refusal !== undefined) return { status: 403, body: this.refusal };
        this.#name = (body['identifiers'] as Json[])[0]!['value'] as string;
        this.#status = 'pending';
        return { status: 201, headers: { Location: at('orders/1') }, body: this.#order('pending') };
      case 'orders':
        return { status: 200, body: { ...this.#order('valid'), certificate: at('certificate') } };
      case 'authorization':
        return { status: 200, body: this.#authorization() };
      case 'challenge':
        this.#status = (await this.#proved(path.split('/')[2]!)) && this.convinced ? 'valid' : 'invalid';
        return { status: 200, body: {} };
      case 'finalize':
        this.#chain = this.#issued(body['csr'] as string);
        return { status: 200, body: this.#order('processing') };
      case 'certificate':
        return { status: 200, headers: { 'Content-Type': 'application/pem-certificate-chain' }, body: this.#chain };
      default:
        return { status: 200, body: {} };
    }
  }

  #order = (status: string): Json => ({
    status,
    authorizations: [`${this.#url}/authorization/1`],
    finalize: `${this.#url}/finalize`,
  });

  #authorization(): Json {
    const challenges = ['http-01', 'dns-01', 'tls-alpn-01'].map((type) => ({
      type,
      url: `${this.#url}/challenge/${type}`,
      status: 'pending',
      token: 'token',
      ...(this.#status === 'invalid' ? { error: { type: 'urn:x', detail: 'no proof' } } : {}),
    }));
    return {
      status: this.#status,
      identifier: { type: isIP(this.#name) === 0 ? 'dns' : 'ip', value: this.#name },
      challenges,
    };
  }

  async #proved(type: string): Promise<boolean> {
    const wanted = `token.${this.#thumbprint}`;
    const { httpPort, tlsPort } = this.#options;
    if (type === 'http-01') {
      const path = '/.well-known/acme-challenge/token';
      return (await fetched({ port: httpPort, host: '127.0.0.1', path, headers: { Host: this.#name } })) === wanted;
    }
    return new Promise((resolve) => {
      const ALPNProtocols = ['acme-tls/1'];
      const options = { port: tlsPort, host: '127.0.0.1', servername: alpnName(this.#name), ALPNProtocols };
      const socket = connect({ ...options, rejectUnauthorized: false }, () => {
        const digest = createHash('sha256').update(wanted).digest();
        resolve(socket.alpnProtocol === 'acme-tls/1' && socket.getPeerX509Certificate()!.raw.includes(digest));
        socket.destroy();
      });
      socket.on('error', () => resolve(false));
    });
  }

  #issued(csr: string): string {
    const { rawPublicKey, names } = parseRequest(Uint8Array.from(Buffer.from(csr, 'base64url')));
    const subjectKey = createPublicKey({ key: Buffer.from(rawPublicKey), format: 'der', type: 'spki' });
    const [before, after] = this.lifetime;
    const made = makeCertificate({
      curve: 'P-256',
      commonName: '',
      hosts: names.dns.length > 0 ? names.dns : [this.#name],
      ca: false,
      issuer: this.root,
      subjectKey,
      notBefore: Date.now() - before * HOUR,
      notAfter: Date.now() + after * HOUR,
    });
    return pemOf(made.der) + this.pem;
  }
}

/** The body; '' where nobody answers. */
function fetched(options: RequestOptions): Promise<string> {
  return new Promise((resolve) => {
    const asking = httpRequest(options, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
    });
    asking.on('error', () => resolve('')).end();
  });
}

/** Signatures are not looked at. */
async function read(request: IncomingMessage): Promise<{ head: Json; body: Json }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (text === '') return { head: {}, body: {} };
  const { protected: head = '', payload = '' } = JSON.parse(text) as Record<string, string>;
  const of = (part: string): Json =>
    part === '' ? {} : (JSON.parse(Buffer.from(part, 'base64url').toString()) as Json);
  return { head: of(head), body: of(payload) };
}
