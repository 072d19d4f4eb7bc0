/**
 * A DNS server for ACME's dns-01: asked over HTTP to show what proves a challenge, it does, until it is asked for the
 * next of the same name. `$resolver` is where it answers.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { DnsServer } from '../acme/dns-server.ts';
import { keyNamed } from '../acme/jws.ts';
import { listening } from '../fixtures/listening.ts';
import { type Answering, listener } from './http.ts';
import type { RunningService } from './service.ts';

/** Shows the proofs among the texts of a DNS server. */
export const showProofs =
  (texts: { set(name: string, texts: readonly string[]): unknown }): Answering =>
  ({ url }) => {
    const wanted = new URL(url, 'http://names').searchParams;
    const [name = '', token = '', key = ''] = ['name', 'token', 'key'].map((each) => wanted.get(each) ?? '');
    const proof = createHash('sha256')
      .update(`${token}.${keyNamed(key).thumbprint}`)
      .digest('base64url');
    texts.set(`_acme-challenge.${name}`, [proof]);
    return { status: 204, headers: [], body: new Uint8Array() };
  };

export async function startNames(): Promise<RunningService> {
  const dns = await DnsServer.start('127.0.0.1');
  const asked: string[] = [];
  const show = showProofs(dns.texts);
  const server = createServer(
    listener((request) => {
      asked.push(`${request.method} ${request.url}`);
      return show(request);
    }),
  );
  const { port, end } = await listening(server);
  return {
    address: `http://127.0.0.1:${port}`,
    asked,
    known: { resolver: `127.0.0.1:${dns.port}` },
    stop: async () => {
      await end();
      await dns.stop();
    },
  };
}
