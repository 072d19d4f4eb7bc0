/** The handshake of a new connection: SYN, and again after 1, 2, 4 … seconds, until an answer or the timeout. */
import { type Connection, type Micros, NetworkError, SECOND } from '../../core/runtime.ts';
import { Endpoint } from './connection.ts';
import { type Host, type OpenListener, splitAddress } from './host.ts';
import type { SimNetwork } from './network.ts';
import type { Process } from '../process.ts';
import { ACCEPT, DIAL, RETRANSMIT } from '../event-kinds.ts';

const FIRST_RETRY: Micros = SECOND;

export function dial(
  network: SimNetwork,
  owner: Process,
  from: Host,
  address: string,
  timeout: Micros,
): Promise<Connection> {
  const { world } = network;
  return new Promise((resolve, reject) => {
    const target = splitAddress(address);
    const to = target && network.reached(target.host, from, target.port);
    if (target === undefined || to === undefined) {
      const error = new NetworkError('unreachable', `dial tcp: lookup ${target?.host ?? address}: no such host`);
      world.schedule(owner, 0, DIAL, reject, error);
      return;
    }
    let settled = false;
    const timer = world.schedule(
      owner,
      timeout,
      DIAL,
      () => {
        settled = true;
        reject(new NetworkError('timeout', `dial tcp ${address}: i/o timeout`));
      },
      undefined,
    );
    /** Calls `conclude` once, `delay` from now, unless the timeout came first; answers whether it did. */
    const settle = (delay: Micros, conclude: () => void, late?: () => void): void => {
      world.schedule(
        owner,
        delay,
        DIAL,
        () => {
          if (settled) return late?.();
          settled = true;
          world.cancel(timer);
          conclude();
        },
        undefined,
      );
    };
    const attempt = (wait: Micros): void => {
      if (settled || !owner.alive) return;
      const forth = network.link(from.name, to.name);
      const back = network.link(to.name, from.name);
      if (!forth.passes() || !to.up || !back.passes()) {
        world.schedule(from.kernel, wait, RETRANSMIT, attempt, wait * 2);
        return;
      }
      const trip = forth.delay(world.now, 0) + back.delay(world.now, 0);
      const listener = to.listeners.get(target.port);
      if (listener === undefined) {
        settle(trip, () => reject(new NetworkError('refused', `dial tcp ${address}: connect: connection refused`)));
        return;
      }
      const [near, far] = connect(network, owner, from, listener, to, address);
      settle(
        trip,
        () => resolve(near),
        () => near.close(),
      );
      world.schedule(listener.owner, trip, ACCEPT, accept, { listener, connection: far, port: target.port, host: to });
    };
    attempt(FIRST_RETRY);
  });
}

function connect(
  network: SimNetwork,
  owner: Process,
  from: Host,
  listener: OpenListener,
  to: Host,
  address: string,
): [Endpoint, Endpoint] {
  const local = `${from.name}:${from.ephemeralPort()}`;
  const id = network.nextConnection();
  const near = new Endpoint(network, id, owner, from, local, address, to);
  const far = new Endpoint(network, id, listener.owner, to, address, local, from);
  near.peer = far;
  far.peer = near;
  return [near, far];
}

interface Accepting {
  readonly listener: OpenListener;
  readonly connection: Endpoint;
  readonly port: number;
  readonly host: Host;
}

function accept({ listener, connection, port, host }: Accepting): void {
  if (host.listeners.get(port) === listener) listener.accept(connection);
  else connection.close();
}
