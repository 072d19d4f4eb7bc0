/** AWS Signature Version 4: what a request says so that AWS believes who sent it (AWS General Reference, "SigV4"). */
import { encodeHex } from '../codec/hex.ts';
import { formatRfc3339 } from '../codec/rfc3339.ts';
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Micros } from '../runtime.ts';
import type { Crypto } from './crypto.ts';

export interface AwsCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  /** '' for a user's own keys. */
  readonly sessionToken: string;
}

export interface AwsRequest {
  readonly method: string;
  /** Absolute; its path is sent as it stands. */
  readonly url: string;
  /** Signed, all of them, beside Host and the date. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface AwsScope {
  /** 'us-east-1' */
  readonly region: string;
  /** 'kms' */
  readonly service: string;
}

/** The headers to send, Host left out: whoever sends it adds that. `now` is wall micros. */
export function signAws(
  request: AwsRequest,
  { accessKey, secretKey, sessionToken }: AwsCredentials,
  { region, service }: AwsScope,
  now: Micros,
  crypto: Crypto,
): Record<string, string> {
  const date = `${formatRfc3339(now).slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const day = date.slice(0, 8);
  const { host, path, query } = partsOf(request.url);
  const headers: Record<string, string> = {
    ...request.headers,
    'X-Amz-Date': date,
    ...(sessionToken === '' ? {} : { 'X-Amz-Security-Token': sessionToken }),
  };
  const signed = [...Object.entries(headers), ['Host', host] as const]
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ +/g, ' ')] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    path,
    query,
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    encodeHex(crypto.hash('sha256', request.body)),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${encodeHex(crypto.hash('sha256', encodeUtf8(canonical)))}`;
  let key = encodeUtf8(`AWS4${secretKey}`);
  for (const part of [day, region, service, 'aws4_request', text]) key = crypto.hmac('sha256', key, encodeUtf8(part));
  const credential = `Credential=${accessKey}/${scope}`;
  headers['Authorization'] = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${encodeHex(key)}`;
  return headers;
}

/** The query sorted by name, then by value. */
function partsOf(url: string): { readonly host: string; readonly path: string; readonly query: string } {
  const [, host = '', path = '', query = ''] = /^https?:\/\/([^/?]+)([^?]*)\??(.*)$/.exec(url) ?? [];
  const pairs = query === '' ? [] : query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  return { host, path: path === '' ? '/' : path, query: pairs.toSorted((a, b) => (a < b ? -1 : 1)).join('&') };
}
