/** Requests that only the active node can answer: handed on, or sent there with a redirect (facts §3.4). */
import type { ApiNode } from './api.ts';
import type { HttpRequest, HttpResponse } from './message.ts';
import type { Reply } from './reply.ts';
import { errors } from './reply.ts';

const refusesForwarding = (request: HttpRequest): boolean =>
  (request.headers.get('x-vault-no-request-forwarding')?.[0] ?? '') !== '';

/** The active node's own answer goes to the client as it is. */
export async function forwardRequest(request: HttpRequest, node: ApiNode): Promise<Reply | { answer: HttpResponse }> {
  if ((await node.activeAddress()) === undefined) {
    return errors(500, 'local node not active but active cluster node not found');
  }
  if (!refusesForwarding(request)) {
    const answer = await node.forward(request);
    if (answer !== undefined) return { answer };
  }
  const address = await node.activeAddress();
  if (address === undefined) return errors(503, 'no active Vault instance found');
  return { status: 307, headers: [['Location', `${address.replace(/\/$/, '')}${request.url}`]] };
}
