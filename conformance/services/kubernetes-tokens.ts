/** What the stand-in for Kubernetes makes of the tokens that cases are written with. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { HttpResponse } from '../../core/http/message.ts';

/** The cluster's keys. Nobody has the private ones any more: new tokens need new keys, and all cases new tokens. */
const KEYS: readonly KeyObject[] = [
  `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA40JtXkW2rbZQ9YBwFBtr
LIFRyqPKuA1htx6LXDC7gxlCaKMfWVbqufoA2DUaD/dcT2zFQdUITMfwOqLxY99/
ujw+hoE13AgYE4n/B4aR4tOdJ5GVYupmyHvQg/lMyDsuNrRF8UejT7DS0/Oa6fTP
bh1tV28nZg8eBJ3gR1Im8QboKnpBZvQil4CP31TfuAs6jDnujjqqJcHXVOs4jJTI
YpB9gkFIV7XmV9rdXEp9iD5zCkuZKXbKuiOYrpYfFcJ75OZLzw1rqagYykvnrUGw
6qReS79uDxaWpkj54KN134qbD/P4If+hftEC9bw0Lj0PEMwWz49nUvgzxF3HYiev
4wIDAQAB
-----END PUBLIC KEY-----
`,
  `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1JBWOPUy2QBLpAXCLABLi8Enx0b4
/9PB4xFlYpbVOE5E/Jg2QvXM+W4bjlWlziPDJ51QhoVIcyP6anetgYfWkg==
-----END PUBLIC KEY-----
`,
].map((pem) => createPublicKey(pem));

/** RS256 and ES256, as clusters sign. */
export function isSignedByCluster(token: string): boolean {
  const [head = '', claims = '', end = ''] = token.split('.');
  const signature = Buffer.from(end, 'base64url');
  return KEYS.some((key) =>
    verify('sha256', Buffer.from(`${head}.${claims}`), { key, dsaEncoding: 'ieee-p1363' }, signature),
  );
}

const answer = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

const reviewed = (status: unknown): HttpResponse => answer(201, { kind: 'TokenReview', status });
const audiences = ['https://kubernetes.default.svc'];
const good = (username: string, uid = 'u', more: object = { audiences }): HttpResponse =>
  reviewed({ authenticated: true, user: { username, uid }, ...more });
const failed = (code: number, message: string): HttpResponse =>
  answer(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Odd', code });

/** By what is asked. The accounts are those of the namespace `odd`, all of uid `u`; the namespaces are their own. */
const ODD: Readonly<Record<string, HttpResponse>> = {
  'tokenreviews odd/good': good('system:serviceaccount:odd:good'),
  'tokenreviews odd/unauthorized': failed(401, 'Unauthorized'),
  'tokenreviews odd/forbidden': failed(403, 'no'),
  'tokenreviews odd/broken': answer(500, 'oops'),
  'tokenreviews odd/moved': answer(300, {}),
  'tokenreviews odd/text': answer(200, 'text'),
  'tokenreviews odd/nothing': answer(201, {}),
  'tokenreviews odd/list': answer(201, []),
  'tokenreviews odd/failure': answer(200, { kind: 'Status', status: 'Failure', message: 'no', code: 400 }),
  'tokenreviews odd/success': answer(200, { kind: 'Status', status: 'Success' }),
  'tokenreviews odd/false': reviewed({ authenticated: false }),
  'tokenreviews odd/error': reviewed({ authenticated: true, error: 'an error', user: { username: 'x' } }),
  'tokenreviews odd/user': good('bob'),
  'tokenreviews odd/long': good('system:serviceaccount:odd:long:er'),
  'tokenreviews odd/node': good('system:node:odd:node'),
  'tokenreviews odd/renamed': good('system:serviceaccount:odd:other'),
  'tokenreviews odd/elsewhere': good('system:serviceaccount:other:elsewhere'),
  'tokenreviews odd/reborn': good('system:serviceaccount:odd:reborn', 'v'),
  'tokenreviews odd/deaf': good('system:serviceaccount:odd:deaf', 'u', {}),
  'tokenreviews odd/others': good('system:serviceaccount:odd:others', 'u', { audiences: ['x'] }),
  'namespaces broken': answer(500, 'oops'),
  'namespaces refused': failed(403, 'namespaces "refused" is forbidden'),
  'namespaces cheerful': answer(404, { kind: 'Status', status: 'Success', metadata: { labels: { team: 'a' } } }),
  'namespaces text': answer(200, 'text'),
  'namespaces bare': answer(200, {}),
  'namespaces unlabelled': answer(200, { kind: 'Namespace', metadata: { name: 'unlabelled' } }),
};

export const oddAnswer = (what: string): HttpResponse | undefined => (Object.hasOwn(ODD, what) ? ODD[what] : undefined);
