/** Signed tokens in a request: what goes on with it are the tokens in them, what comes back has them as they were sent. */
import { isObject } from '../../codec/json.ts';
import { failure, permissionDenied, refuse } from '../../fault.ts';
import type { Request, Response } from '../../framework/logical.ts';
import type { Active } from '../active.ts';
import { batchEncodingError } from './batch.ts';
import { bareToken, isSigned } from './signed.ts';

/** These act on the token that the body names. */
export const tokenPaths: ReadonlySet<string> = new Set([
  'auth/token/lookup',
  'auth/token/renew',
  'auth/token/revoke',
  'auth/token/revoke-orphan',
]);
const ofCaller: ReadonlySet<string> = new Set([
  'auth/token/lookup-self',
  'auth/token/renew-self',
  'auth/token/revoke-self',
]);

/** No promise where there is nothing to open. Throws for what was not signed here, or later than this node knows of. */
export function opened(request: Request, active: Active): Request | Promise<Request> {
  const wrong = batchEncodingError(request.clientToken);
  if (wrong !== undefined) throw failure(`error performing token check: ${wrong}`);
  const caller = isSigned(request.clientToken);
  const named = tokenPaths.has(request.path) ? request.data['token'] : undefined;
  if (!caller && (typeof named !== 'string' || !isSigned(named))) return request;
  return open(request, active);
}

async function open(request: Request, active: Active): Promise<Request> {
  let asked = request;
  if (isSigned(request.clientToken)) {
    const id = await openCaller(request, active);
    // What needs no token takes any.
    if (id !== undefined) asked = { ...request, clientToken: id, tokenAsSent: request.clientToken };
  }
  const named = tokenPaths.has(request.path) ? request.data['token'] : undefined;
  if (typeof named !== 'string' || !isSigned(named)) return asked;
  const token = await active.tokenSigning.open(named);
  if (token === undefined) throw refuse('bad token', 403);
  return { ...asked, data: { ...asked.data, token }, namedAsSent: named };
}

async function openCaller({ path, clientToken }: Request, { tokenSigning, mounts }: Active) {
  if (mounts.router.isLogin(path)) return bareToken(clientToken) || undefined;
  const id = await tokenSigning.open(clientToken);
  if (id === undefined) throw permissionDenied();
  return id;
}

/** Of a look-up or a renewal; others show no token that was there before. Upstream puts it into help on them, too. */
export function showAsSent(request: Request, response: Response): void {
  const { tokenAsSent, namedAsSent, clientToken, path } = request;
  const named = request.data['token'];
  const ofHelp = request.operation === 'help' ? clientToken : undefined;
  const shown = namedAsSent ?? (ofCaller.has(path) ? (tokenAsSent ?? ofHelp) : undefined);
  const { auth, data } = response;
  const hasId = isObject(data) && (ofHelp !== undefined || data['id'] !== undefined);
  if (shown !== undefined && hasId) response.data = { ...data, id: shown };
  if (auth?.clientToken === undefined || auth.clientToken === '') return;
  // Renewed by itself it is called as the caller calls it.
  if (tokenAsSent !== undefined && auth.clientToken === clientToken) auth.clientToken = tokenAsSent;
  else if (namedAsSent !== undefined && auth.clientToken === named) auth.clientToken = namedAsSent;
}
