/**
 * People who log in with tickets of a realm. A model says which tickets prove something: those of the realm's own key, in
 * their time, with an authenticator of now, once at each server. That is all that a server can know: what was shown is in
 * the memory of the process that it was shown to, and of the one that led then, which a standby asks to let in.
 */
import type { Micros } from '../../core/runtime.ts';
import { MINUTE, SECOND } from '../../core/runtime.ts';
import { at } from '../client.ts';
import { EPOCH } from '../clock.ts';
import type { Cluster } from '../cluster.ts';
import { StoryFailure } from '../failure.ts';
import type { Stream } from '../random.ts';
import { DirectoryServer } from '../services/directory-server.ts';
import { pacFor, validationInfo } from '../services/kerberos-pac.ts';
import { KerberosRealm, type Shown } from '../services/kerberos-realm.ts';
import type { Simulation } from '../simulation.ts';

const NAMES = ['alice', 'bob', 'carol'] as const;
const PLAN = { realm: 'REALM', service: 'HTTP/bao' };
/** How far clocks may differ. */
const SKEW = 5 * MINUTE;

interface Ticket {
  readonly of: string;
  readonly token: string;
  /** Of its authenticator. */
  readonly made: Micros;
  /** The processes that it was shown to. */
  readonly seen: Set<string>;
}

/** What makes a ticket prove nothing. */
const FAULTS = ['another key', 'ended', 'not begun', 'slow clock', 'fast clock', 'forged PAC', 'of another'] as const;

export class Tickets {
  readonly #sim: Simulation;
  readonly #bao: Cluster;
  readonly #dice: Stream;
  readonly #directory: DirectoryServer;
  readonly #realm: KerberosRealm;
  readonly #otherRealm: KerberosRealm;
  readonly #starts = new Map<string, number>();
  #tickets: Ticket[] = [];
  /** Tickets that let in, that proved nothing, and that were shown once more. */
  admitted = 0;
  refused = 0;
  repeated = 0;

  constructor(simulation: Simulation, cluster: Cluster) {
    this.#sim = simulation;
    this.#bao = cluster;
    this.#dice = simulation.world.random('tickets');
    this.#directory = new DirectoryServer(simulation, NAMES);
    const random = (length: number): Uint8Array => Uint8Array.from({ length }, () => this.#dice.below(256));
    this.#realm = new KerberosRealm(simulation.crypto, random, PLAN);
    this.#otherRealm = new KerberosRealm(simulation.crypto, random, PLAN);
  }

  async furnish(): Promise<void> {
    const header = { passthrough_request_headers: ['Authorization'] };
    await this.#bao.request('POST', 'sys/auth/kerberos', { type: 'kerberos' });
    await this.#bao.request('POST', 'sys/auth/kerberos/tune', header);
    const config = { keytab: this.#realm.keytab, service_account: PLAN.service };
    await this.#bao.request('POST', 'auth/kerberos/config', config);
    await this.#bao.request('POST', 'auth/kerberos/config/ldap', { ...this.#directory.config, request_timeout: 5 });
  }

  /** The node's process is another one from now on. */
  restarted(node: string): void {
    this.#starts.set(node, (this.#starts.get(node) ?? 0) + 1);
  }

  get #now(): Micros {
    return EPOCH + this.#sim.world.now;
  }

  async round(): Promise<void> {
    for (const name of NAMES) await this.#show(this.#fresh(name));
    await this.#showWrong(this.#dice.pick(NAMES));
    for (const ticket of this.#dice.shuffle(this.#tickets).slice(0, 3)) await this.#show(ticket);
    this.#tickets = this.#tickets.slice(-12);
  }

  #fresh(of: string): Ticket {
    const made = this.#now;
    const authorization = pacFor(this.#realm, 16, { validation: validationInfo(of) });
    const shown = this.#dice.below(2) === 0 ? {} : { part: { authorization } };
    const ticket = { of, made, token: this.#realm.token(of, made, shown), seen: new Set<string>() };
    this.#tickets.push(ticket);
    return ticket;
  }

  #process(node: string): string {
    return `${node}/${this.#starts.get(node) ?? 0}`;
  }

  /** It proves something where it is new to whoever is asked, and to whoever leads. */
  async #show({ of, token, made, seen }: Ticket): Promise<void> {
    const node = this.#dice.pick(this.#bao.names);
    const [asked, leading] = [node, this.#bao.leader].map((one) => this.#process(one));
    const again = seen.has(asked!) || seen.has(leading!);
    const fine = !again && this.#now - made <= SKEW;
    await this.#logIn(node, of, token, fine, again ? 'a ticket that was shown before' : 'a ticket');
    if (again) this.repeated++;
    else if (fine) this.admitted++;
    if (!seen.has(asked!)) seen.add(leading!);
    seen.add(asked!);
  }

  async #showWrong(name: string): Promise<void> {
    const fault = this.#dice.pick(FAULTS);
    const now = this.#now;
    const seconds = Math.floor(now / SECOND);
    const beyond = SKEW / SECOND + 1;
    const shown: Record<(typeof FAULTS)[number], Shown> = {
      'another key': {},
      ended: { part: { ends: seconds - beyond } },
      // Every moment until it comes there is one more second.
      'not begun': { part: { starts: seconds + beyond + 60 } },
      'slow clock': { authenticator: { at: now - SKEW - SECOND } },
      'fast clock': { authenticator: { at: now + SKEW + MINUTE } },
      'forged PAC': { part: { authorization: pacFor(this.#realm, 16, { forged: true }) } },
      'of another': { authenticator: { client: { type: 1, parts: [NAMES.find((one) => one !== name)!] } } },
    };
    const realm = fault === 'another key' ? this.#otherRealm : this.#realm;
    const node = this.#dice.pick(this.#bao.names);
    await this.#logIn(node, name, realm.token(name, now, shown[fault]), false, `a ticket (${fault})`);
    this.refused++;
  }

  async #logIn(node: string, name: string, token: string, fine: boolean, what: string): Promise<void> {
    const { status, json } = await this.#bao.ask('POST', 'auth/kerberos/login', {
      node,
      token: '',
      headers: [['Authorization', `Negotiate ${token}`]],
    });
    const user = status === 200 ? at(json, 'auth', 'metadata', 'user') : undefined;
    if (status === (fine ? 200 : 401) && user === (fine ? name : undefined)) return;
    const wanted = fine ? 'is to let in' : 'proves nothing';
    throw new StoryFailure(`${node}: ${what} of ${name}, which ${wanted}: ${status} ${JSON.stringify(json)}`);
  }
}
