/** How a joining node reaches the leader's API: JSON by PUT, over TLS as the `retry_join` stanza says. */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { asObject } from '../core/codec/json-fields.ts';
import { jsonObject, parseObject, print } from '../core/codec/json.ts';
import type { JsonObject } from '../core/codec/json.ts';
import { failure } from '../core/fault.ts';
import { goText } from './audit-outlets.ts';
import type { JoinRequest, LeaderContact } from '../core/server/ha/raft-join.ts';

/** Go's client gives an answer a minute. Milliseconds. */
const PATIENCE = 60_000;
const MOST_REDIRECTS = 10;

export const joinPut: JoinRequest['put'] = async (leader, path, body) => {
  const sent = Buffer.from(print(body));
  let url = new URL(`/v1/${path}`, leader.address);
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const { status, location, text } = await put(leader, url, sent);
    if (status === 307 && location !== undefined) url = new URL(location, url);
    else if (status === 200) return dataOf(text);
    else throw failure(apiError(url, status, text));
  }
  throw failure(`Put "${url.href}": stopped after ${MOST_REDIRECTS} redirects`);
};

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

async function put(leader: LeaderContact, url: URL, body: Buffer): Promise<Answer> {
  const secure = url.protocol === 'https:';
  const { request } = secure ? await import('node:https') : process.getBuiltinModule('node:http');
  const options: RequestOptions = {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'Content-Length': body.length, 'X-Vault-Request': 'true' },
    signal: AbortSignal.timeout(PATIENCE),
    agent: false,
    ...(secure ? tlsOf(leader) : {}),
  };
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      const dialled = 'syscall' in error && error.syscall === 'connect';
      const reason = dialled ? `dial tcp ${url.host}: ${goText(error)}` : error.message;
      reject(failure(`Put "${url.href}": ${reason}`));
    };
    const sending = request(url, options, (incoming: IncomingMessage) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', failed);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          location: incoming.headers.location,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sending.on('error', failed);
    sending.end(body);
  });
}

const tlsOf = ({ ca, clientCertificate, clientKey, serverName }: LeaderContact) => ({
  ...(ca ? { ca } : {}),
  ...(clientCertificate ? { cert: clientCertificate } : {}),
  ...(clientKey ? { key: clientKey } : {}),
  ...(serverName ? { servername: serverName } : {}),
});

const dataOf = (text: string): JsonObject => asObject(parseObject(text)['data']) ?? jsonObject({});

/** As upstream's client shows it. */
function apiError(url: URL, status: number, text: string): string {
  let errors: readonly unknown[] = [];
  try {
    const listed = parseObject(text)['errors'];
    if (Array.isArray(listed)) errors = listed;
  } catch {
    // Something that is no API: its status has to do.
  }
  const list = errors.map((error) => `* ${String(error)}`).join('\n');
  return `Error making API request.\n\nURL: PUT ${url.href}\nCode: ${status}. Errors:\n\n${list}`;
}
