/** What is lent, and taken back. */
import { logged, type State, traced } from '../state.ts';

export const leaseStates: readonly State[] = [
  traced('a leader read the leases of its predecessor', 'lease', ({ what, id }, node, { leases }) => {
    return what === 'restored' && (leases.get(id) ?? node) !== node;
  }),
  traced('a lease was renewed under another leader than made it', 'lease', ({ what, id }, node, { leases }) => {
    return what === 'renewed' && (leases.get(id) ?? node) !== node;
  }),
  traced('a lease was revoked under another leader than made it', 'lease', ({ what, id }, node, { leases }) => {
    return what === 'revoked' && (leases.get(id) ?? node) !== node;
  }),
  traced('a revocation failed', 'lease', ({ what }) => what === 'failed'),
  traced('a revocation that had failed succeeded', 'lease', ({ what, id }, _, { failedRevocations }) => {
    return what === 'revoked' && failedRevocations.has(id);
  }),
  traced('a revocation that had failed succeeded under another leader', 'lease', (event, node, soFar) => {
    const failed = soFar.failedRevocations.get(event.id);
    return event.what === 'revoked' && failed !== undefined && failed !== node;
  }),
  logged('a lease was given up for good', 'failed to revoke lease, marking lease as irrevocable'),
  traced('a token was revoked', 'token.revoked'),
  logged('a namespace could not be emptied in one go', 'failed to clear namespace resources'),
  traced('a namespace that was to go was told so again, at another node', 'http.request', (event, node, { asked }) => {
    const before = asked.get(`${event.method} ${event.path}`);
    return (
      event.method === 'DELETE' && /sys\/namespaces\/[^/]+$/.test(event.path) && before !== undefined && before !== node
    );
  }),
  logged('a namespace was heard of', 'discovered namespace'),
  logged('no audit device took what had to be written', /^failed to audit/),
];
