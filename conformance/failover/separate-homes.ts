/**
 * Network namespaces joined by a bridge, an address each, between which packets can be made to vanish. Linux, as root,
 * with ip and iptables.
 */
import { execFileSync } from 'node:child_process';
import type { Home } from '../cluster.ts';

const run = (words: string): void => void execFileSync(words.split(' ')[0]!, words.split(' ').slice(1));

export class SeparateHomes {
  readonly homes: readonly Home[];
  readonly #bridge: string;

  private constructor(bridge: string, homes: readonly Home[]) {
    this.#bridge = bridge;
    this.homes = homes;
  }

  /** Throws when the machine does not allow it. */
  static make(count: number): SeparateHomes {
    // Others may do the same beside us.
    const network = 100 + (process.pid % 150);
    const bridge = `steamer${network}`;
    const made = new SeparateHomes(
      bridge,
      Array.from({ length: count }, (_, index) => ({
        host: `10.231.${network}.${index + 1}`,
        command: ['ip', 'netns', 'exec', `${bridge}-${index + 1}`],
      })),
    );
    run(`ip link add ${bridge} type bridge`);
    run(`ip addr add 10.231.${network}.254/24 dev ${bridge}`);
    run(`ip link set ${bridge} up`);
    for (const [index, { host }] of made.homes.entries()) {
      const [name, cable] = [`${bridge}-${index + 1}`, `st${network}v${index + 1}`];
      run(`ip netns add ${name}`);
      run(`ip link add ${cable} type veth peer name eth0 netns ${name}`);
      run(`ip link set ${cable} master ${bridge} up`);
      run(`ip netns exec ${name} ip addr add ${host}/24 dev eth0`);
      run(`ip netns exec ${name} ip link set lo up`);
      run(`ip netns exec ${name} ip link set eth0 up`);
    }
    return made;
  }

  /** What these two send each other is lost from now on; nobody is told. */
  cut(a: string, b: string): void {
    this.#rule('-A', a, b);
    this.#rule('-A', b, a);
  }

  /** The end of a cut. */
  mend(a: string, b: string): void {
    this.#rule('-D', a, b);
    this.#rule('-D', b, a);
  }

  /** What `unheard` sends is lost on its way to `listener`; what goes back is not. */
  deafen(listener: string, unheard: string): void {
    this.#rule('-A', listener, unheard);
  }

  /** The end of it. */
  undeafen(listener: string, unheard: string): void {
    this.#rule('-D', listener, unheard);
  }

  #rule(what: '-A' | '-D', at: string, from: string): void {
    const { command } = this.homes.find(({ host }) => host === at)!;
    run(`${command.join(' ')} iptables ${what} INPUT -s ${from} -j DROP`);
  }

  remove(): void {
    for (const [index] of this.homes.entries()) run(`ip netns del ${this.#bridge}-${index + 1}`);
    run(`ip link del ${this.#bridge}`);
  }
}
