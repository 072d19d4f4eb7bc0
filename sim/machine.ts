/**
 * A simulated machine: disk, cores, clock and network host, which last, and the program on it, which lives one Process
 * at a time. A restart is built from the disk's bytes alone.
 */
import { assert } from '../core/assert.ts';
import type { Crypto } from '../core/crypto/crypto.ts';
import { MachineClock } from './clock.ts';
import { Cores, type CostTable } from './cpu.ts';
import type { Distribution } from './distribution.ts';
import { type DiskProfile, SimDisk, SSD } from './disk/disk.ts';
import type { Host, Role } from './network/host.ts';
import type { SimNetwork } from './network/network.ts';
import { Process } from './process.ts';
import { type SimRuntime, simRuntime } from './runtime.ts';
import { SIGNAL, START } from './event-kinds.ts';
import type { World } from './world.ts';

/** Starts the program on a runtime; what it throws ends it. */
export type Program = (runtime: SimRuntime) => void | Promise<void>;

export interface MachineOptions {
  readonly role?: Role;
  /** How many of its own, or those that it shares: programs on one host. */
  readonly cores?: number | Cores;
  readonly costs?: CostTable;
  /** Of service times, in percent of the table's. */
  readonly spread?: Distribution;
  readonly disk?: DiskProfile;
  readonly crypto: Crypto;
}

export type MachineState = 'running' | 'paused' | 'stopped' | 'off';

export class Machine {
  readonly name: string;
  readonly world: World;
  readonly network: SimNetwork;
  readonly host: Host;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  readonly cores: Cores;
  readonly crypto: Crypto;
  #process: Process | undefined;
  #program: Program | undefined;
  readonly #sharesCores: boolean;
  #starts = 0;

  /** `name` is also its address: `name:port` reaches it. */
  constructor(network: SimNetwork, name: string, options: MachineOptions) {
    this.name = name;
    this.world = network.world;
    this.network = network;
    this.host = network.addHost(name, options.role ?? 'node', this.world.process(`${name}/kernel`));
    this.disk = new SimDisk(this.world, name, options.disk ?? SSD);
    this.clock = new MachineClock(this.world);
    const { cores = 2 } = options;
    this.#sharesCores = cores instanceof Cores;
    this.cores =
      cores instanceof Cores ? cores : new Cores(this.world, name, cores, options.costs ?? new Map(), options.spread);
    this.crypto = options.crypto;
  }

  get state(): MachineState {
    if (!this.host.up) return 'off';
    if (this.#process === undefined || !this.#process.alive) return 'stopped';
    return this.#process.paused ? 'paused' : 'running';
  }

  /** The program's current life. */
  get process(): Process | undefined {
    return this.#process;
  }

  get starts(): number {
    return this.#starts;
  }

  /** Starts a program, as an event of its own process; the machine must have none running. */
  start(program: Program): SimRuntime {
    assert(this.state === 'stopped', `${this.name} runs one program at a time`);
    const process = this.world.process(this.name);
    this.#process = process;
    this.#program = program;
    this.#starts++;
    if (!this.#sharesCores) this.cores.reset();
    const runtime = simRuntime(this, process);
    this.world.schedule(
      process,
      0,
      START,
      () => {
        Promise.resolve(program(runtime)).catch((error: unknown) => this.world.crashed(process, error));
      },
      undefined,
    );
    return runtime;
  }

  /** Starts the last program again, turning the power on first where it is off. */
  restart(): SimRuntime {
    assert(this.#program !== undefined, `${this.name} has had a program`);
    if (!this.host.up) this.network.powerOn(this.host, this.world.process(`${this.name}/kernel`));
    return this.start(this.#program);
  }

  /** SIGTERM: the program does what it does at its end, as an event of its own, and exits. Resolves when it has. */
  terminate(last: () => Promise<void>): Promise<void> {
    const process = this.#process;
    return new Promise((resolve) => {
      if (process === undefined || !process.alive) {
        resolve();
        return;
      }
      const exit = async (): Promise<void> => {
        await last();
        if (process.alive) this.kill();
        resolve();
      };
      const failed = (error: unknown): void => this.world.crashed(process, error);
      this.world.schedule(process, 0, SIGNAL, () => void exit().catch(failed), undefined);
    });
  }

  /** SIGKILL: memory is gone, the page cache stays, the kernel tells the peers. */
  kill(): void {
    if (this.#process === undefined || !this.#process.alive) return;
    // Sockets first: a paused process leaves unread data, and its kernel then resets instead of closing.
    this.network.processEnded(this.host, this.#process);
    this.#process.end();
  }

  /** Memory and unsynced writes are gone, and nobody is told. */
  losePower(): void {
    if (!this.host.up) return;
    this.#process?.end();
    this.host.kernel.end();
    this.network.powerOff(this.host);
    this.disk.losePower();
  }

  /** SIGSTOP: the kernel goes on accepting and buffering, the program does nothing. */
  pause(): void {
    if (this.state === 'running') this.#process!.pause();
  }

  /** SIGCONT. */
  resume(): void {
    if (this.state === 'paused') this.world.resume(this.#process!);
  }
}
