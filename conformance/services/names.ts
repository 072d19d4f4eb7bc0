/**
 * A DNS server for ACME's dns-01: asked over HTTP to show what proves a challenge, it does, until it is asked for the
 * next of the same name. `$resolver` is where it answers.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { DnsServer } from '../acme/dns-server.ts';
import { keyNamed } from '../acme/jws.ts';
import { listening } from '../fixtures/listening.ts';
import { listener } from './http.ts';
import type { RunningService } from './service.ts';

export async function startNames(): Promise<RunningService> {
  const dns = await DnsServer.start('127.0.0.1');
  const asked: string[] = [];
  const server = createServer(
    listener(({ method, url }) => {
      asked.push(`${method} ${url}`);
      const wanted = new URL(url, 'http://names').searchParams;
      const [name = '', token = '', key = ''] = ['name', 'token', 'key'].map((each) => wanted.get(each) ?? '');
      const proof = createHash('sha256')
        .update(`${token}.${keyNamed(key).thumbprint}`)
        .digest('base64url');
      dns.texts.set(`_acme-challenge.${name}`, [proof]);
      return { status: 204, headers: [], body: new Uint8Array() };
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
