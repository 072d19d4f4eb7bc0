/** Who is active, who stands by, and what standbys read. */
import { logged, type State, traced } from '../state.ts';

export const availabilityStates: readonly State[] = [
  traced('another node took over', 'node.state', ({ state }, node, { actives }) => {
    return state === 'active' && actives.length > 0 && actives.at(-1) !== node;
  }),
  traced('a node became active again', 'node.state', ({ state }, node, { actives }) => {
    return state === 'active' && actives.at(-1) !== node && actives.includes(node);
  }),
  logged('an active node stepped down', 'stepping down from active operation to standby'),
  logged('an active node lost its leadership', 'leadership lost, stopping active operation'),
  logged('a node did not become active after all', 'post-unseal setup failed'),
  logged('a forwarded request was cut off', 'error during forwarded RPC request'),
  traced('a client was sent to the active node', 'http.response', ({ status }) => status === 307),
  traced('a standby let a read wait until it had come as far', 'http.index', ({ outcome }) => outcome === 'reached'),
  traced('a standby handed on what it had not come as far for', 'http.index', ({ outcome }) => outcome === 'forwarded'),
  traced('a standby refused what it had not come as far for', 'http.index', ({ outcome }) => outcome === 'refused'),
  traced('standby reads ended', 'node.reads', ({ enabled }) => !enabled),
  logged('a standby set its reads up anew for another leader', /^restarting standby as active node has changed/),
  logged('what a standby is told broke off', 'forwarding: error receiving invalidation from active node'),
  logged('a standby waited until it had come as far as its leader', 'awaiting GRPC-indicated start checkpoint'),
  traced(
    'a standby forgot what its leader had changed',
    'storage.invalidate',
    (_, node, soFar) => !soFar.isActive(node),
  ),
];
