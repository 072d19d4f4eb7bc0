/**
 * A directory as nodes see it: entries under one suffix, of which some may bind, and what goes wrong with directories:
 * gone, slow, losing its answers. Its root may do everything, whoever has bound may read.
 */
import { concatBytes, noBytes } from '../../core/codec/bytes.ts';
import { wholeLength } from '../../core/codec/ldap/ber.ts';
import type { Filter } from '../../core/codec/ldap/filter.ts';
import type { Answer, Message, Request, Result } from '../../core/codec/ldap/message.ts';
import { decodeMessage, encodeMessage } from '../../core/codec/ldap/message.ts';
import * as code from '../../core/codec/ldap/result-code.ts';
import { decodeUtf8 } from '../../core/codec/utf8.ts';
import type { Connection, Runtime } from '../../core/runtime.ts';
import type { Distribution } from '../distribution.ts';
import type { Fault } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { Stream } from '../random.ts';
import type { Simulation } from '../simulation.ts';

const PORT = 389;
const SUFFIX = 'dc=example,dc=com';
const PEOPLE = `ou=people,${SUFFIX}`;
const ROOT = `cn=admin,${SUFFIX}`;

/** By the attribute's name in lower case. */
type Attributes = Map<string, readonly string[]>;

export class DirectoryServer {
  readonly name = 'directory';
  /** How long it thinks about a request. */
  latency: Distribution | undefined;
  readonly #simulation: Simulation;
  readonly #machine: Machine;
  readonly #thinking: Stream;
  /** By the DN in lower case; survives restarts. */
  readonly #entries = new Map<string, Attributes>();
  #mute = false;
  /** Requests that the present fault has hit. */
  #denied = 0;
  #open: Fault | undefined;

  /** It is up at once, with accounts whose passwords are their names. */
  constructor(simulation: Simulation, accounts: readonly string[]) {
    this.#simulation = simulation;
    this.#thinking = simulation.world.random(`${this.name}/latency`);
    this.#entries.set(ROOT, new Map([['userpassword', ['first']]]));
    for (const account of accounts) {
      const attributes = [['uid', [account]] as const, ['userpassword', [account]] as const];
      this.#entries.set(`uid=${account},${PEOPLE}`, new Map(attributes));
    }
    this.#machine = simulation.client(this.name);
    this.#machine.start((runtime) => {
      runtime.network.listen(`${this.name}:${PORT}`, (connection) => this.#serve(connection, runtime));
    });
  }

  /** As a mount is configured with. */
  get config(): Record<string, string> {
    return { url: `ldap://${this.name}`, userdn: PEOPLE, userattr: 'uid', binddn: ROOT, bindpass: 'first' };
  }

  /** Of an account; that which is in force. */
  passwordOf(account: string): string | undefined {
    return this.#entries.get(`uid=${account},${PEOPLE}`)?.get('userpassword')?.[0];
  }

  /** The machine is off; its entries last. */
  down(): void {
    this.#begin('directory down', () => true);
    this.#machine.kill();
  }

  up(): void {
    if (this.#machine.state !== 'running') this.#machine.restart();
    this.#mute = false;
    if (this.#open !== undefined) this.#simulation.faults.end(this.#open);
    this.#open = undefined;
  }

  /** It changes what it is asked to, and nobody hears of it. */
  loseAnswers(): void {
    this.#begin('directory loses answers', () => this.#denied > 0);
    this.#mute = true;
  }

  #begin(what: string, bit: () => boolean): void {
    this.#denied = 0;
    this.#open = this.#simulation.faults.begin(what, [this.name], bit);
  }

  #serve(connection: Connection, runtime: Runtime): void {
    let unread: Uint8Array = noBytes;
    let bound = '';
    connection.onMessage((piece) => {
      unread = concatBytes(unread, piece);
      for (let length = wholeLength(unread); length !== undefined && length <= unread.length;) {
        const { id, body } = decodeMessage(unread.subarray(0, length)) as Message<Request>;
        unread = unread.subarray(length);
        length = wholeLength(unread);
        if (body.kind === 'bind') bound = this.#mayBind(body.name, body.password) ? body.name : '';
        void this.#answer(connection, runtime, id, body, bound);
      }
    });
    connection.onClose(() => {});
  }

  async #answer(connection: Connection, runtime: Runtime, id: number, body: Request, bound: string): Promise<void> {
    if (this.latency !== undefined) await runtime.clock.sleep(this.latency.sample(this.#thinking));
    const changes = body.kind === 'modify' || body.kind === 'add' || body.kind === 'delete';
    const answers = this.#do(body, bound);
    if (this.#mute && changes) {
      this.#denied++;
      return;
    }
    for (const answer of answers) connection.send(encodeMessage({ id, body: answer, controls: [] }));
  }

  #mayBind(dn: string, password: string): boolean {
    return password !== '' && this.#entries.get(dn.toLowerCase())?.get('userpassword')?.[0] === password;
  }

  #do(body: Request, bound: string): Answer[] {
    const done = (to: Result['to'], result: number): Answer[] => [
      { kind: 'result', to, code: result, matchedDn: '', message: '' },
    ];
    switch (body.kind) {
      case 'bind':
        return done('bind', bound === '' ? code.INVALID_CREDENTIALS : code.SUCCESS);
      case 'unbind':
        return [];
      case 'search':
        return [...this.#search(body), ...done('search', code.SUCCESS)];
      case 'extended':
        return done('extended', code.PROTOCOL_ERROR);
      default: {
        const dn = body.dn.toLowerCase();
        if (bound !== ROOT) return done(body.kind, code.INSUFFICIENT_ACCESS);
        if (this.#entries.has(dn) === (body.kind === 'add')) {
          return done(body.kind, body.kind === 'add' ? code.ENTRY_ALREADY_EXISTS : code.NO_SUCH_OBJECT);
        }
        this.#change(dn, body);
        return done(body.kind, code.SUCCESS);
      }
    }
  }

  #change(dn: string, body: Extract<Request, { readonly kind: 'add' | 'modify' | 'delete' }>): void {
    if (body.kind === 'delete') this.#entries.delete(dn);
    else {
      const attributes: Attributes = this.#entries.get(dn) ?? new Map();
      for (const { type, values } of body.kind === 'add' ? body.attributes : body.changes) {
        attributes.set(type.toLowerCase(), values.map(decodeUtf8));
      }
      this.#entries.set(dn, attributes);
    }
  }

  #search({ base, scope, filter }: Extract<Request, { readonly kind: 'search' }>): Answer[] {
    const under = base.toLowerCase();
    return [...this.#entries]
      .filter(([dn]) => dn === under || (scope === 'subtree' && dn.endsWith(`,${under}`)))
      .filter(([, attributes]) => matches(filter, attributes))
      .map(([dn]) => ({ kind: 'entry', dn, attributes: [] }));
  }
}

/** Those that the engine and the auth method ask with here; every entry has a class. */
function matches(filter: Filter, attributes: Attributes): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((one) => matches(one, attributes));
    case 'or':
      return filter.filters.some((one) => matches(one, attributes));
    case 'not':
      return !matches(filter.filter, attributes);
    case 'present':
      return filter.attribute.toLowerCase() === 'objectclass' || attributes.has(filter.attribute.toLowerCase());
    case 'equal':
      return attributes.get(filter.attribute.toLowerCase())?.includes(decodeUtf8(filter.value)) === true;
    default:
      return false;
  }
}
