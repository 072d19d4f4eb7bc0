/** From what was thrown to status and text (facts §5.4). */
import { AssertionError } from '../assert.ts';
import { Fault } from '../fault.ts';
import type { Reply } from './reply.ts';
import { errors, json } from './reply.ts';

/** The text decides, wherever it stands in the message; the first match wins. */
const byText: readonly (readonly [text: string, status: number])[] = [
  ['permission denied', 403],
  ['invalid wrapping token', 400],
  ['wrapping token is not valid or does not exist', 400],
  ['unsupported operation', 405],
  ['unsupported path', 404],
  ['API access to this namespace has been locked', 503],
  ['invalid request', 400],
  ['invalid credentials', 400],
  ['relative paths not supported', 400],
  ['rate limit quota exceeded', 429],
  ['upstream rate limited', 502],
  ['Vault is sealed', 503],
  ['http: request body too large', 413],
];

export function statusOf(fault: Fault): number {
  if (fault.status !== undefined) return fault.status;
  for (const [text, status] of byText) if (fault.message.includes(text)) return status;
  return fault.shape === 'response' ? 400 : 500;
}

const userInfo = /^identity\/oidc\/provider\/\w(([\w-.]+)?\w)?\/userinfo$/;

/** What OpenID Connect Core, section 5.3.3, wants where the access token is not good. */
function userInfoRefusal(): Reply {
  const code = 'invalid_token';
  const text = 'permission denied';
  const body = new Map([
    ['error', code],
    ['error_description', text],
  ]);
  return { ...json(401, body), headers: [['Www-Authenticate', `Bearer error="${code}",error_description="${text}"`]] };
}

/** Throws on what only a bug of ours can throw. `path` is the request's, without /v1/. */
export function errorReply(error: unknown, path = ''): Reply {
  if (error instanceof Fault && error.message.includes('permission denied') && userInfo.test(path)) {
    return userInfoRefusal();
  }
  if (error instanceof AssertionError) throw error;
  if (error instanceof Fault) {
    const reply = errors(statusOf(error), error.message);
    return error.headers === undefined ? reply : { ...reply, headers: error.headers };
  }
  const message = error instanceof Error ? error.message : String(error);
  return errors(statusOf(new Fault('error', message)), message);
}
