/** What challenges are checked against: names, and servers on the ports that ACME wants, on an address of their own. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createServer as createTls, type Server as TlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { DnsServer } from './dns-server.ts';

const run = promisify(execFile);

/** Of loopback, and nobody else's. */
export const ADDRESS = '127.0.0.77';

export interface Shown {
  readonly certificate: string;
  readonly key: string;
  readonly protocols?: readonly string[];
}

export class AcmeWorld {
  readonly dns: DnsServer;
  readonly folder: string;
  web: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.writeHead(404).end();
  #http: Server | undefined;
  #tls: TlsServer | undefined;

  private constructor(dns: DnsServer, folder: string) {
    this.dns = dns;
    this.folder = folder;
  }

  /** Rejects where nobody may listen on port 80. */
  static async start(folder: string): Promise<AcmeWorld> {
    const world = new AcmeWorld(await DnsServer.start(ADDRESS), folder);
    const http = createHttp((request, response) => world.web(request, response));
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(80, ADDRESS, resolve);
    });
    world.#http = http;
    return world;
  }

  /** Shows this to whoever asks for TLS; nothing listens without it. */
  async show(shown: Shown | undefined): Promise<void> {
    const before = this.#tls;
    this.#tls = undefined;
    if (before !== undefined) await new Promise((resolve) => before.close(resolve));
    if (shown === undefined) return;
    const { certificate, key, protocols = ['acme-tls/1'] } = shown;
    const server = createTls({ cert: certificate, key, ALPNProtocols: [...protocols] }, (socket) => socket.end());
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(443, ADDRESS, resolve);
    });
    this.#tls = server;
  }

  /** A certificate that signs itself; `extensions` and the kind of key in OpenSSL's words. */
  async selfSigned(extensions: readonly string[], more: readonly string[] = []): Promise<Shown> {
    const [certificate, key] = [join(this.folder, 'shown.pem'), join(this.folder, 'shown.key')];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const kind = ['-newkey', ...(more.length > 0 ? more : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']), '-nodes'];
    await run('openssl', [
      'req',
      '-x509',
      ...kind,
      '-days',
      '1',
      '-subj',
      '/CN=acme',
      ...added,
      '-keyout',
      key,
      '-out',
      certificate,
    ]);
    return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
  }

  /** A certificate of /CN=acme that the authority `issuer` has signed, with extensions a line. */
  async signedByAnother(extensions: string, issuer: string): Promise<Shown> {
    const file = (name: string): string => join(this.folder, name);
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const own = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '1'];
    await run('openssl', ['req', '-x509', ...kind, '-subj', issuer, ...own]);
    await run('openssl', [
      'req',
      '-new',
      ...kind,
      '-subj',
      '/CN=acme',
      '-keyout',
      file('leaf.key'),
      '-out',
      file('leaf.csr'),
    ]);
    await writeFile(file('leaf.ext'), extensions);
    const signer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '1'];
    await run('openssl', [
      'x509',
      '-req',
      '-in',
      file('leaf.csr'),
      ...signer,
      '-extfile',
      file('leaf.ext'),
      '-out',
      file('leaf.pem'),
    ]);
    return { certificate: await readFile(file('leaf.pem'), 'utf8'), key: await readFile(file('leaf.key'), 'utf8') };
  }

  /** A request for a certificate (DER), by OpenSSL. */
  async request(subject: string, names: string, more: readonly string[] = []): Promise<Buffer> {
    const [csr, key] = [join(this.folder, 'request.der'), join(this.folder, 'request.key')];
    const own = more.includes('-key') || more.includes('-newkey');
    const kind = own ? [] : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const added = names === '' ? [] : ['-addext', `subjectAltName=${names}`];
    await run('openssl', [
      'req',
      '-new',
      ...kind,
      ...more,
      ...(more.includes('-key') ? [] : ['-nodes', '-keyout', key]),
      '-subj',
      subject,
      ...added,
      '-outform',
      'DER',
      '-out',
      csr,
    ]);
    return readFile(csr);
  }

  /** Path of a new key of P-256. */
  async key(name: string): Promise<string> {
    const path = join(this.folder, `${name}.key`);
    await run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path]);
    return path;
  }

  /** What is in a certificate, as OpenSSL says it. */
  async inWords(pem: string): Promise<string> {
    const file = join(this.folder, 'issued.pem');
    await writeFile(file, pem);
    const extensions =
      'subjectAltName,keyUsage,extendedKeyUsage,basicConstraints,authorityInfoAccess,crlDistributionPoints';
    const words = ['-in', file, '-noout', '-subject', '-issuer', '-ext', extensions];
    return (await run('openssl', ['x509', ...words])).stdout;
  }

  async stop(): Promise<void> {
    await this.show(undefined);
    this.#http?.closeAllConnections();
    await new Promise((resolve) => this.#http?.close(resolve));
    await this.dns.stop();
  }
}
