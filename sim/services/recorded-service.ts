/**
 * Somebody else's service of a recorded conversation, and the DNS, on a machine of their own. As when it was recorded,
 * every program reaches them at its own address.
 */
import { splitAddress } from '../network/host.ts';
import { serveHttp } from '../network/http-server.ts';
import { serveNames } from '../network/names.ts';
import type { RecordedStandIn } from '../recorded.ts';
import type { Simulation } from '../simulation.ts';

export const SERVICE = '127.0.0.1:9000';
export const RESOLVER = '127.0.0.1:5353';

export function serveRecorded(simulation: Simulation, standIn: RecordedStandIn): void {
  const machine = simulation.client('service');
  for (const address of [SERVICE, RESOLVER])
    simulation.network.network.proxies.set(splitAddress(address)!.port, machine.host);
  machine.start((runtime) => {
    serveHttp(runtime, SERVICE, (request) => Promise.resolve(standIn.answer(request)));
    if (standIn.texts !== undefined) serveNames(runtime, RESOLVER, standIn.texts);
  });
}
