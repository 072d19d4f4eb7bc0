/** A small world for the tests of this room and of whoever builds on it: machines, a pump, and programs as closures. */
import type { Crypto } from '../core/crypto/crypto.ts';
import { Machine, type MachineOptions, type Program } from './machine.ts';
import { SimNetwork } from './network/network.ts';
import { World, type WorldOptions } from './world.ts';
import type { LinkProfile } from './network/link.ts';

export class Bench {
  readonly world: World;
  readonly network: SimNetwork;
  readonly #crypto: Crypto;

  constructor(crypto: Crypto, seed = '1', options: WorldOptions & { readonly profile?: LinkProfile } = {}) {
    this.world = new World(seed, options);
    this.network = new SimNetwork(this.world, options.profile);
    this.#crypto = crypto;
  }

  machine(name: string, options: Partial<MachineOptions> = {}): Machine {
    return new Machine(this.network, name, { crypto: this.#crypto, ...options });
  }

  /** Starts `program` on a new machine. */
  run(name: string, program: Program): Machine {
    const machine = this.machine(name);
    machine.start(program);
    return machine;
  }
}
