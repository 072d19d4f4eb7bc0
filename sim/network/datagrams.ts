/**
 * Datagrams on the simulated network: one that is lost, cut off or held up by a rule is gone, another may come twice or
 * late, and a machine where nobody listens says so.
 */
import type { Clock, DatagramQuestion, Datagrams, Listener } from '../../core/runtime.ts';
import { NetworkError } from '../../core/runtime.ts';
import { assert } from '../../core/assert.ts';
import { CLOSE, MESSAGE } from '../event-kinds.ts';
import type { Process } from '../process.ts';
import { type Host, splitAddress } from './host.ts';
import type { SimNetwork } from './network.ts';

/** A port that takes datagrams. */
export interface DatagramSocket {
  readonly owner: Process;
  readonly address: string;
  readonly receive: (bytes: Uint8Array, from: string) => void;
  /** What was sent from here came to where nobody listens. */
  readonly refused?: () => void;
}

export class ProcessDatagrams implements Datagrams {
  readonly #network: SimNetwork;
  readonly #host: Host;
  readonly #process: Process;
  readonly #clock: Clock;

  constructor(network: SimNetwork, host: Host, process: Process, clock: Clock) {
    this.#network = network;
    this.#host = host;
    this.#process = process;
    this.#clock = clock;
  }

  ask({ address, message, timeout, takes }: DatagramQuestion): Promise<Uint8Array> {
    const target = splitAddress(address);
    const to = target && this.#network.reached(target.host, this.#host);
    if (target === undefined || to === undefined) {
      const unknown = `dial udp: lookup ${target?.host ?? address}: no such host`;
      return Promise.reject(new NetworkError('unreachable', unknown));
    }
    return new Promise((resolve, reject) => {
      const port = this.#host.ephemeralPort();
      const local = `${this.#host.name}:${port}`;
      const end = (conclude: () => void): void => {
        timer.cancel();
        socket.close();
        conclude();
      };
      const refused = new NetworkError('refused', `read udp ${local}->${address}: read: connection refused`);
      const late = new NetworkError('timeout', 'context deadline exceeded');
      const socket = this.#open(port, {
        owner: this.#process,
        address: local,
        receive: (bytes) => {
          if (takes(bytes)) end(() => resolve(bytes));
        },
        refused: () => end(() => reject(refused)),
      });
      const timer = this.#clock.after(timeout, () => end(() => reject(late)));
      this.#send(local, to, target.port, message);
    });
  }

  /** Serves a port: what `answer` gives goes back to who asked. */
  answerAt(address: string, answer: (question: Uint8Array) => Promise<Uint8Array | undefined>): Listener {
    const port = splitAddress(address)?.port;
    assert(port !== undefined, `a listener's address is host:port, not ${address}`);
    return this.#open(port, {
      owner: this.#process,
      address,
      receive: (question, from) => {
        const asker = splitAddress(from)!;
        void answer(question).then((said) => {
          if (said !== undefined) this.#send(address, this.#network.host(asker.host)!, asker.port, said);
        });
      },
    });
  }

  #open(port: number, socket: DatagramSocket): Listener {
    const { datagrams } = this.#host;
    assert(!datagrams.has(port), `a port has one socket, ${port} too`);
    if (this.#process.alive) datagrams.set(port, socket);
    return {
      address: socket.address,
      close: () => {
        if (datagrams.get(port) === socket) datagrams.delete(port);
      },
    };
  }

  #send(local: string, to: Host, port: number, bytes: Uint8Array): void {
    if (this.#process.alive) send(this.#network, { from: this.#host, local, to, port, bytes });
  }
}

interface Datagram {
  readonly from: Host;
  readonly local: string;
  readonly to: Host;
  readonly port: number;
  readonly bytes: Uint8Array;
}

function send(network: SimNetwork, datagram: Datagram): void {
  const { world } = network;
  const { from, local, to, port, bytes } = datagram;
  const sender = { id: network.nextConnection(), host: from, peer: { host: to }, local, remote: `${to.name}:${port}` };
  network.sent(sender, bytes);
  const link = network.link(from.name, to.name);
  if (!link.passes() || !to.up) return;
  const verdict = network.ruled ? network.judge(sender, bytes) : 'pass';
  if (verdict === 'drop') return;
  const { later = 0, instead = bytes } = verdict === 'pass' ? {} : verdict;
  const arriving = { ...datagram, bytes: instead };
  const copies = link.duplicates() ? 2 : 1;
  for (let copy = 0; copy < copies; copy++) {
    world.schedule(to.kernel, link.delay(world.now, instead.length) + later, MESSAGE, arrive, { network, arriving });
  }
}

function arrive({ network, arriving }: { network: SimNetwork; arriving: Datagram }): void {
  const { from, local, to, port, bytes } = arriving;
  const { world } = network;
  const socket = to.datagrams.get(port);
  // Whoever stands still finds it afterwards.
  if (socket !== undefined)
    return void world.schedule(socket.owner, 0, MESSAGE, () => socket.receive(bytes, local), undefined);
  const back = network.link(to.name, from.name);
  const asked = from.datagrams.get(splitAddress(local)!.port);
  if (asked?.refused === undefined || !back.passes()) return;
  world.schedule(asked.owner, back.delay(world.now, 0), CLOSE, asked.refused, undefined);
}
