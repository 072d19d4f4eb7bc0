/** Requests whose bodies are signed as ACME wants it, with a nonce of the directory that they are about. */
import type { Signer } from '../case.ts';
import type { Answer, Request } from '../client.ts';
import { keyNamed, signed } from './jws.ts';

/** Asks for a nonce. */
export const nonceRequest = ({ path }: Request): Request => ({
  method: 'HEAD',
  path: path.replace(/(\/acme\/).*$/, '$1new-nonce'),
  headers: [],
  body: undefined,
});

export const nonceOf = ({ headers }: Answer): string =>
  headers.find(([name]) => name.toLowerCase() === 'replay-nonce')?.[1] ?? 'none';

/** The request with its body signed. `url` is the server's, `account` the URL of whoever signs, if there is one yet. */
export function acmeBody(url: string, request: Request, jws: Signer, account: string, nonce: string): Request {
  const key = keyNamed(jws.key);
  const who = jws.account === undefined ? { jwk: key.jwk } : { kid: account };
  const header = { alg: key.alg, nonce, url: url + request.path, ...who };
  const headers = [
    ...request.headers.filter(([name]) => name.toLowerCase() !== 'content-type'),
    ['Content-Type', 'application/jose+json'] as const,
  ];
  return { ...request, headers, body: JSON.stringify(signed(key, header, request.body?.toString())) };
}
