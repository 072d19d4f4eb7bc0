/** A cluster under test: its machines, how it comes up, and what a story does to it. */
import type { JsonObject } from '../core/codec/json.ts';
import { parseDuration } from '../core/codec/duration.ts';
import { type Listener, MILLISECOND, SECOND } from '../core/runtime.ts';
import { assert } from '../core/assert.ts';
import { allReady, bringUp } from './bring-up.ts';
import { type Answered, answered, type RequestOptions } from './client.ts';
import type { Claim } from './claim.ts';
import type { ClusterOptions, Sealing } from './cluster-options.ts';
import { Cores } from './cpu.ts';
import type { SimDisk } from './disk/disk.ts';
import { StoryFailure } from './failure.ts';
import type { Fault } from './faults.ts';
import { History } from './history.ts';
import { serveHttp } from './network/http-server.ts';
import { Machine } from './machine.ts';
import { measuredStart } from './machine-costs.ts';
import type { NodePlan, RunningNode, SealChoice } from './node.ts';
import { type Keys, Operator } from './operator.ts';
import { PostgresServer } from './postgresql/server.ts';
import type { Stream } from './random.ts';
import type { Simulation } from './simulation.ts';
import { StoryDisk } from './story-disk.ts';
import type { Workload } from './workloads/workload.ts';

export class Cluster {
  readonly machines: readonly Machine[];
  readonly options: ClusterOptions;
  keys: Keys = { shares: [], rootToken: '' };
  /** The shares of namespaces with a seal of their own, in hex, by the namespace's uuid. */
  readonly namespaceShares = new Map<string, readonly string[]>();
  readonly histories: History[] = [];
  /** What its nodes must hold to once the story is over. */
  readonly claims: Claim[] = [];
  /** The story is over, nothing is broken, and the replicas agree. */
  settled = false;
  /** The shares that are in force are somebody else's alone: nobody here can open a node or its disk any more. */
  sharesLost = false;
  readonly #simulation: Simulation;
  readonly #running = new Map<string, RunningNode>();
  readonly #listeners = new Map<string, Listener>();
  /** Of nodes that run another version than they began with. */
  readonly #profiles = new Map<string, string>();
  /** Nodes in the order in which they became active, the latest last. */
  readonly #active = new Set<string>();
  /** Standbys that serve reads. */
  readonly #reading = new Set<string>();
  readonly #disks = new Map<string, StoryDisk>();
  /** Kills, power losses and pauses that last. */
  readonly #open = new Map<string, Fault>();
  readonly #sealKey: Uint8Array;
  /** What the nodes are configured with when they start. */
  #seal: Sealing;
  #oldSeal: Sealing | undefined;
  /** All that ever sealed it. */
  readonly #sealings = new Set<Sealing>();
  readonly #formerShares: (readonly string[])[] = [];
  readonly #starts: Stream;
  #names: readonly string[];
  readonly #scrapped = new Set<string>();
  #operator: Operator | undefined;
  readonly #database: PostgresServer | undefined;
  readonly #replica: PostgresServer | undefined;

  constructor(simulation: Simulation, options: ClusterOptions) {
    this.#simulation = simulation;
    this.options = options;
    this.#starts = simulation.world.random('process starts');
    this.#seal = options.seal ?? 'static';
    this.#sealings.add(this.#seal);
    this.#sealKey = simulation.world.random('static seal').bytes(32);
    const { network, crypto, costs, spread } = simulation;
    const { spares = 0 } = options;
    const cores = options.cores ?? 2;
    const shared =
      options.oneMachine === true
        ? new Cores(simulation.world, 'nodes', cores, options.costs ?? costs, spread)
        : undefined;
    this.machines = Array.from({ length: options.nodes + spares }, (_, index) => {
      return new Machine(network.network, `n${index + 1}`, {
        crypto,
        cores: shared ?? cores,
        costs: options.costs ?? costs,
        spread,
        ...(options.disk === undefined ? {} : { disk: options.disk }),
      });
    });
    this.#names = this.machines.slice(0, options.nodes).map(({ name }) => name);
    simulation.world.onTrace(({ node, event }) => {
      if (event.kind === 'node.reads' && event.enabled) this.#reading.add(node);
      if (event.kind === 'node.reads' && !event.enabled) this.#reading.delete(node);
      if (event.kind !== 'node.state') return;
      this.#reading.delete(node);
      this.#active.delete(node);
      if (event.state === 'active') this.#active.add(node);
    });
    if (options.storage === 'postgresql') {
      this.#database = new PostgresServer(simulation, 'db');
      if (options.replica !== undefined) {
        this.#replica = new PostgresServer(simulation, 'db-replica', { readOnly: true });
        this.#database.replicateTo(this.#replica, options.replica.lag);
      }
    }
    for (const { name, disk } of this.machines) this.#disks.set(name, new StoryDisk(disk, name, simulation.faults));
  }

  /** Of nodes whose storage is one. */
  get database(): PostgresServer {
    assert(this.#database !== undefined, 'the storage of the cluster is a database');
    return this.#database;
  }

  /** The members: the nodes that it began with, and what a story changed about that. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The story made this machine a member. */
  enlist(name: string): void {
    if (!this.#names.includes(name)) this.#names = [...this.#names, name];
  }

  /** The story removed this member. */
  dismiss(name: string): void {
    this.#names = this.#names.filter((member) => member !== name);
  }

  /** A machine is thrown away with all that lies on its disk, and a spare one joins in its place. */
  async replace(gone: string, spare: string): Promise<void> {
    this.kill(gone);
    await this.request('POST', 'sys/storage/raft/remove-peer', { server_id: gone });
    this.dismiss(gone);
    this.#scrapped.add(gone);
    this.start(spare);
    await this.#simulation.run('2s');
    await this.request(
      'PUT',
      'sys/storage/raft/join',
      { leader_api_addr: `http://${this.address(this.leader)}` },
      spare,
    );
    this.enlist(spare);
    await this.ready();
  }

  /** Thrown away: what lies on its disk may be anything. */
  isScrapped(name: string): boolean {
    return this.#scrapped.has(name);
  }

  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name);
    assert(found !== undefined, `${name} is a node of the cluster`);
    return found;
  }

  address(name: string): string {
    return `${name}:8200`;
  }

  /** The node that became active last and still runs (or stands still). A story that needs one fails without. */
  get leader(): string {
    const name = [...this.#active].findLast((node) => this.#lives(node));
    if (name === undefined) throw new StoryFailure('no node is active');
    return name;
  }

  /** All others that run. */
  get followers(): string[] {
    const { leader } = this;
    return this.names.filter((name) => name !== leader && this.#lives(name));
  }

  /** Whether nobody became active after this node: only then may its reads be taken for fresh. */
  isLatestActive(name: string): boolean {
    return this.isActive(name) && [...this.#active].at(-1) === name;
  }

  /** The static seal's key. */
  get sealKey(): Uint8Array {
    return this.#sealKey;
  }

  /** Whether nodes wait for shares after a start. */
  get wantsShares(): boolean {
    return this.#seal === 'shamir';
  }

  /** All seals that it has been configured with, and all shares that were in force, the latest first. */
  get opened(): { readonly by: readonly Sealing[]; readonly shares: readonly (readonly string[])[] } {
    return { by: [...this.#sealings].toReversed(), shares: [this.keys.shares, ...this.#formerShares] };
  }

  /** The configuration of every node from its next start on; `leaving` is the seal that the other block disables. */
  configureSeal(seal: Sealing, leaving?: Sealing): void {
    this.#seal = seal;
    this.#oldSeal = leaving;
    this.#sealings.add(seal);
  }

  /** Other shares are in force, of the unseal or the recovery key. */
  rekeyed(shares: readonly string[]): void {
    this.#formerShares.unshift(this.keys.shares);
    this.keys = { ...this.keys, shares };
  }

  /** The standbys that serve reads. */
  get readers(): string[] {
    return [...this.#reading].filter((name) => this.#lives(name));
  }

  isActive(name: string): boolean {
    return this.#active.has(name) && this.#lives(name);
  }

  get disks(): ReadonlyMap<string, SimDisk> {
    return new Map(this.machines.map(({ name, disk }) => [name, disk]));
  }

  disk(name: string): StoryDisk {
    return this.#disks.get(name)!;
  }

  /** The different states that the running nodes hold: one, when all agree. */
  digests(): Set<string> {
    const digests = new Set<string>();
    for (const [name, node] of this.#running) {
      if (this.machine(name).state === 'running' && node.digest !== undefined)
        digests.add(node.digest() ?? `${name} is behind itself`);
    }
    return digests;
  }

  get operator(): Operator {
    if (this.#operator === undefined) {
      const machine = this.#simulation.client('operator');
      this.#operator = new Operator(machine.start(() => {}));
    }
    return this.#operator;
  }

  /** Starts all nodes, initialises the first, unseals, and waits until one is active and all are voters. */
  async up(): Promise<void> {
    for (const name of this.#names) this.start(name);
    this.keys = await bringUp(this.#simulation, this);
  }

  /** Starts a machine for the first time; `settings` beside the cluster's. */
  start(name: string, settings: NodePlan['settings'] = {}): void {
    const index = this.machines.findIndex((machine) => machine.name === name);
    this.#start(this.machine(name), index, settings);
  }

  /** Waits until one node is active, the others stand by, and all are voters. */
  ready(): Promise<void> {
    return allReady(this.#simulation, this);
  }

  /** The operator keeps the shares of a namespace (as many as it takes to open it), for whoever reads the disks later. */
  holds(uuid: string, shares: readonly string[]): void {
    this.namespaceShares.set(uuid, shares);
  }

  /** A request by the operator to a node (the leader unless named) that has to succeed. */
  request(method: string, path: string, body?: JsonObject, node: string = this.leader): Promise<JsonObject> {
    return this.operator.expect(this.address(node), method, path, body);
  }

  /** A request by the operator to a node (the leader unless named), whatever comes of it; status 0: no answer. */
  ask(method: string, path: string, options: RequestOptions & { readonly node?: string } = {}): Promise<Answered> {
    return answered(this.operator.request(this.address(options.node ?? this.leader), method, path, options));
  }

  /** Mounts an engine; 'kv-v2' is KV with versions. */
  async mount(path: string, type: string): Promise<void> {
    const body: JsonObject = type === 'kv-v2' ? { type: 'kv', options: { version: '2' } } : { type };
    await this.request('POST', `sys/mounts/${path}`, body);
    if (type !== 'kv-v2') return;
    // A new mount first makes its store a versioned one and refuses everything meanwhile.
    const usable = async (): Promise<boolean> => (await this.ask('GET', `${path}/config`)).status === 200;
    await this.#simulation.until(`${path} is usable`, usable, 50 * MILLISECOND, 10 * SECOND);
  }

  /** Starts clients. They go on until the story ends, resting while it waits for something to become true. */
  workload(workload: Workload): History {
    const history = new History(this.#simulation.world);
    this.#simulation.histories.push(history);
    this.histories.push(history);
    workload.start(this.#simulation, this, history);
    return history;
  }

  /** SIGKILL. */
  kill(name: string): void {
    this.#begin('kill', name);
    this.machine(name).kill();
  }

  /** SIGTERM: no more requests, leadership is handed over, and the process exits; resolves when it has. */
  terminate(name: string): Promise<void> {
    this.#begin('shutdown', name);
    return this.machine(name).terminate(async () => {
      this.#listeners.get(name)?.close();
      await this.#running.get(name)?.stop?.();
    });
  }

  /** An upgrade in place: the process ends in good order, and starts again as another version. */
  async upgrade(name: string, profile: string): Promise<void> {
    await this.terminate(name);
    this.#profiles.set(name, profile);
    this.restart(name);
  }

  /** The power fails: unsynced writes may be lost, and peers hear nothing. */
  losePower(name: string): void {
    this.#begin('power loss', name);
    this.machine(name).losePower();
  }

  /** SIGSTOP. */
  pause(name: string): void {
    this.#begin('pause', name);
    this.machine(name).pause();
  }

  /** SIGCONT. */
  resume(name: string): void {
    this.machine(name).resume();
    this.#end('pause', name);
  }

  /** Starts a killed node again, from its disk alone. */
  restart(name: string): void {
    const { state } = this.machine(name);
    if (state === 'running' || state === 'paused') return;
    this.machine(name).restart();
    this.#end('down', name);
  }

  /** Makes every machine and disk whole: what is down is started, what stands still goes on. */
  async heal(): Promise<void> {
    for (const { name, state } of this.machines) {
      this.disk(name).mend();
      if (state === 'paused') this.resume(name);
      else this.restart(name);
    }
    await this.unsealAll();
  }

  /** Gives the shares to every node that wants them; auto seals want none. */
  async unsealAll(): Promise<void> {
    if (!this.wantsShares) return;
    for (const name of this.names) {
      if (this.machine(name).state !== 'running') continue;
      if ((await this.operator.health(this.address(name))) !== 503) continue;
      await this.operator.unseal(this.address(name), this.keys.shares);
    }
  }

  /** Asks for a new encryption key, if there is anybody to ask. */
  async rotate(): Promise<void> {
    const active = this.names.find((name) => this.isLatestActive(name));
    if (active !== undefined) await this.ask('PUT', 'sys/rotate', { node: active });
  }

  /** Asks the active node to step down. */
  async stepDown(): Promise<void> {
    const { leader } = this;
    this.#simulation.faults.note('step-down', [leader]);
    await this.request('PUT', 'sys/step-down', undefined, leader);
  }

  /** Moves a node's time of day. */
  jumpClock(name: string, by: string): void {
    this.#simulation.faults.note('clock jump', [name]);
    this.machine(name).clock.jump(parseDuration(by));
  }

  /** Lets a node's clocks gain so many micros a second. */
  driftClock(name: string, ppm: number): void {
    this.#simulation.faults.note('clock drift', [name]);
    this.machine(name).clock.drift(ppm);
  }

  #begin(what: string, name: string): void {
    const bit = this.#lives(name);
    this.#open.set(
      `${what === 'pause' ? 'pause' : 'down'} ${name}`,
      this.#simulation.faults.begin(what, [name], () => bit),
    );
  }

  #end(what: 'pause' | 'down', name: string): void {
    const fault = this.#open.get(`${what} ${name}`);
    if (fault !== undefined) this.#simulation.faults.end(fault);
  }

  #lives(name: string): boolean {
    const { state } = this.machine(name);
    return state === 'running' || state === 'paused';
  }

  #start(machine: Machine, index: number, more: NodePlan['settings']): void {
    machine.start(async (runtime) => {
      const config = this.#config(machine.name, index, more);
      this.#active.delete(machine.name);
      this.#running.delete(machine.name);
      // Programs that start together on one machine are in each other's way.
      await machine.cores.occupy(machine.process!, (this.options.startup ?? measuredStart).sample(this.#starts));
      const node = await this.#simulation.nodeFactory(runtime, config);
      if (machine.process?.alive === true) this.#running.set(machine.name, node);
      const listener = serveHttp(runtime, config.apiAddress, node.http, () => node.sealed?.() ?? false);
      this.#listeners.set(machine.name, listener);
    });
  }

  #databaseOf(name: string): PostgresServer {
    return this.options.replica?.nodes.includes(name) === true ? this.#replica! : this.database;
  }

  #choice(seal: Sealing): SealChoice {
    if (seal === 'shamir') return { type: 'shamir' };
    if (seal === 'static') return { type: 'static', key: this.#sealKey.slice(), keyId: 'sim-1' };
    return seal.choice;
  }

  #config(name: string, index: number, more: NodePlan['settings']): NodePlan {
    const { storage = 'raft', multiplier = 5, profile = '2.7.2', settings = {}, engines, files } = this.options;
    const others = this.machines
      .slice(0, this.options.nodes)
      .flatMap((other) => (other.name === name ? [] : [other.name]));
    return {
      name,
      apiAddress: this.address(name),
      advertised: this.options.advertised?.(name) ?? `http://${this.address(name)}`,
      clusterAddress: `${name}:8201`,
      storage,
      ...(this.#database === undefined ? {} : { database: this.#databaseOf(name).address }),
      multiplier,
      seal: this.#choice(this.#seal),
      ...(this.#oldSeal === undefined ? {} : { oldSeal: this.#choice(this.#oldSeal) }),
      retryJoin: index < this.options.nodes ? others.map((other) => this.address(other)) : [],
      profile: this.#profiles.get(name) ?? (typeof profile === 'string' ? profile : profile[index]!),
      standbyReads: this.options.standbyReads ?? true,
      settings: { ...settings, ...more },
      ...(engines === undefined ? {} : { engines }),
      ...(files && { files }),
    };
  }
}
