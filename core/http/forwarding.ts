/** Requests that only the active node can answer: handed on, or sent there with a redirect (facts §3.4). */
import type { ApiNode } from './api.ts';
import { isSnapshot } from './body-limit.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import type { Reply } from './reply.ts';
import { errors } from './reply.ts';

const refusals = ['x-vault-no-request-forwarding', 'x-vault-internal-no-request-forwarding'];

const refusesForwarding = (request: HttpRequest): boolean =>
  refusals.some((name) => (request.headers.get(name)?.[0] ?? '') !== '');

/** The active node's own answer goes to the client as it is. */
export async function forwardRequest(request: HttpRequest, node: ApiNode): Promise<Reply | { answer: HttpResponse }> {
  if ((await node.activeAddress()) === undefined) {
    return errors(500, 'local node not active but active cluster node not found');
  }
  // A snapshot is too large to be handed on: the client goes there itself.
  const refused = refusesForwarding(request);
  if (refused) node.runtime.log.write('debug', 'core', 'forwardRequest: forwarding disabled by client request');
  if (!refused && !isSnapshot(request)) {
    const answer = await node.forward(request);
    if (answer !== undefined) return { answer };
  }
  const address = await node.activeAddress();
  if (address === undefined) return errors(503, 'no active Vault instance found');
  return { status: 307, headers: [['Location', `${address.replace(/\/$/, '')}${request.url}`]], untyped: true };
}
