/** MFA methods, login enforcements and the keys of one-time passwords, below sys/. */
import { compareText } from '../../codec/bytes.ts';
import { asString } from '../../codec/json-fields.ts';
import { parseObject } from '../../codec/json.ts';
import { encodeEntry } from '../../framework/collection.ts';
import type { Enforcement, MfaMethod, MfaStore, PlacedMethod } from '../../engines/identity/mfa/model.ts';
import type { ServiceContext } from '../services.ts';
import { decodeEnforcement, decodeMethod, encodeEnforcement, encodeMethod } from './mfa-codec.ts';

const PREFIX = 'sys/login-mfa/';
const METHODS = `${PREFIX}method/`;
const ENFORCEMENTS = `${PREFIX}enforcement/`;
const KEYS = 'sys/mfa/totpkeys/';

export class LoginMfaStore implements MfaStore {
  readonly #context: ServiceContext;
  readonly #methods = new Map<string, MfaMethod>();
  /** By name. */
  readonly #enforcements = new Map<string, Enforcement>();
  #loaded: Promise<void> | undefined;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  ready(): Promise<void> {
    if (this.#loaded === undefined) {
      this.#loaded = this.#load();
      this.#loaded.catch(() => {
        this.#loaded = undefined;
      });
    }
    return this.#loaded;
  }

  async #load(): Promise<void> {
    const { barrier, runtime, namespace } = this.#context;
    const told = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      runtime.log.write('trace', 'mfa', message, fields);
    const restored = (what: string, prefix: string): void =>
      told(`${what} restored`, { namespace: namespace.path, prefix: prefix.slice('sys/'.length) });
    told('loading login MFA configurations');
    const methods: MfaMethod[] = [];
    const methodNames = await barrier.list(METHODS);
    told('methods collected', { num_existing: methodNames.length });
    for (const name of methodNames) {
      const bytes = await barrier.get(METHODS + name);
      const method = bytes && decodeMethod(bytes);
      if (method !== undefined) methods.push(method);
    }
    restored('configurations', METHODS);
    told('loading login MFA enforcement configurations');
    const enforcements: Enforcement[] = [];
    const enforcementNames = await barrier.list(ENFORCEMENTS);
    told('enforcements configs collected', { num_existing: enforcementNames.length });
    for (const name of enforcementNames) {
      const bytes = await barrier.get(ENFORCEMENTS + name);
      if (bytes !== undefined) enforcements.push(decodeEnforcement(bytes));
    }
    restored('enforcement configurations', ENFORCEMENTS);
    this.#methods.clear();
    this.#enforcements.clear();
    for (const method of methods) this.#methods.set(method.id, method);
    for (const enforcement of enforcements) this.#enforcements.set(enforcement.name, enforcement);
  }

  /** A key of the barrier changed elsewhere. */
  invalidate(key: string): void {
    if (key.startsWith(PREFIX)) this.#loaded = undefined;
  }

  get namespacePath(): string {
    return this.#context.namespace.path;
  }
  uuid(): string {
    return this.#context.system.uuid();
  }

  methods(): readonly MfaMethod[] {
    return [...this.#methods.values()].sort((a, b) => compareText(a.id, b.id));
  }
  method(id: string): MfaMethod | undefined {
    return this.#methods.get(id);
  }
  async find(id: string): Promise<PlacedMethod | undefined> {
    for (const { services, namespace } of this.#context.all()) {
      const { mfa } = services.identity;
      await mfa.ready();
      const method = mfa.method(id);
      if (method !== undefined) return { method, namespacePath: namespace.path };
    }
    return undefined;
  }
  async usable(): Promise<readonly PlacedMethod[]> {
    const found: PlacedMethod[] = [];
    for (const { services, namespace } of this.#context.all()) {
      if (!this.namespacePath.startsWith(namespace.path)) continue;
      const { mfa } = services.identity;
      await mfa.ready();
      for (const method of mfa.methods()) found.push({ method, namespacePath: namespace.path });
    }
    return found.sort((a, b) => compareText(a.method.id, b.method.id));
  }
  async putMethod(method: MfaMethod): Promise<void> {
    await this.#context.barrier.put(METHODS + method.id, encodeMethod(method));
    this.#methods.set(method.id, method);
  }
  async deleteMethod(id: string): Promise<void> {
    await this.#context.barrier.delete(METHODS + id);
    this.#methods.delete(id);
  }

  enforcements(): readonly Enforcement[] {
    return [...this.#enforcements.values()].sort((a, b) => compareText(a.name, b.name));
  }
  enforcement(name: string): Enforcement | undefined {
    return this.#enforcements.get(name);
  }
  async enforcing(methodId: string): Promise<Enforcement | undefined> {
    for (const { services } of this.#context.all()) {
      const { mfa } = services.identity;
      await mfa.ready();
      const found = mfa.enforcements().find(({ methodIds }) => methodIds.includes(methodId));
      if (found !== undefined) return found;
    }
    return undefined;
  }
  /** What logins of this namespace have to pass: its own rules and those of all namespaces above. */
  async governing(): Promise<readonly Enforcement[]> {
    const found: Enforcement[] = [];
    for (const { services, namespace } of this.#context.all()) {
      if (!this.namespacePath.startsWith(namespace.path)) continue;
      const { mfa } = services.identity;
      await mfa.ready();
      found.push(...mfa.enforcements());
    }
    return found.sort((a, b) => compareText(a.name, b.name));
  }
  async putEnforcement(enforcement: Enforcement): Promise<void> {
    await this.#context.barrier.put(ENFORCEMENTS + enforcement.id, encodeEnforcement(enforcement));
    this.#enforcements.set(enforcement.name, enforcement);
  }
  async deleteEnforcement(name: string): Promise<void> {
    const found = this.#enforcements.get(name);
    if (found === undefined) return;
    await this.#context.barrier.delete(ENFORCEMENTS + found.id);
    this.#enforcements.delete(name);
  }

  async totpKey(methodId: string, entityId: string): Promise<string | undefined> {
    const bytes = await this.#context.barrier.get(`${KEYS}${methodId}/${entityId}`);
    return bytes === undefined ? undefined : asString(parseObject(bytes)['key']);
  }
  putTotpKey(methodId: string, entityId: string, key: string): Promise<void> {
    return this.#context.barrier.put(`${KEYS}${methodId}/${entityId}`, encodeEntry({ key }));
  }
  deleteTotpKey(methodId: string, entityId: string): Promise<void> {
    return this.#context.barrier.delete(`${KEYS}${methodId}/${entityId}`);
  }

  hasAuthType(type: string): boolean {
    for (const { point, entry } of this.#context.mounts.all()) {
      if (point.startsWith('auth/') && entry.type === type) return true;
    }
    return false;
  }
}
