/**
 * Logins that have to be confirmed (facts §5.2): either with passcodes that come along in X-Vault-MFA, or with a
 * request id that sys/mfa/validate turns into the token within five minutes. What waits is lost with the node.
 */
import { type JsonObject, type JsonValue, print } from '../../codec/json.ts';
import { asList } from '../../codec/json-fields.ts';
import { isNumber } from '../../framework/coerce.ts';
import { quote } from '../../codec/go-quote.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { permissionDenied, refuse } from '../../fault.ts';
import type { Enforcement, MfaMethod } from '../../engines/identity/mfa/model.ts';
import type { StoredEntity } from '../../engines/identity/model.ts';
import type { Auth, Request } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';
import { MINUTE } from '../../runtime.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { multierror } from '../../codec/multierror.ts';
import type { Entity, LoginMfa, RoutedMount, ServiceContext } from '../services.ts';
import type { LoginMfaStore } from './mfa-store.ts';
import { Passcodes } from './passcodes.ts';

const WAIT: Micros = 5 * MINUTE;

type Credentials = ReadonlyMap<string, readonly string[]>;

interface Pending {
  readonly request: Request;
  readonly auth: Auth;
  readonly entityId: string;
  readonly mount: RoutedMount;
  /** Wall micros. */
  readonly until: Micros;
}

export class LoginMfaService implements LoginMfa {
  readonly #context: ServiceContext;
  readonly #store: LoginMfaStore;
  readonly #passcodes: Passcodes;
  readonly #pending = new Map<string, Pending>();

  constructor(context: ServiceContext, store: LoginMfaStore) {
    this.#context = context;
    this.#store = store;
    this.#passcodes = new Passcodes(context.runtime);
  }

  async challenge(
    request: Request,
    auth: Auth,
    entity: Entity | undefined,
    mount: RoutedMount,
  ): Promise<JsonObject | 'unasked' | undefined> {
    const matching = await this.#matching(entity, mount);
    if (matching.length === 0) return headerCredentials(request).size > 0 ? 'unasked' : undefined;
    // Who has used which passcode, and who waits, only the active node knows.
    if (!this.#context.active) throw new ReadOnly('please forward to the active node');
    if (entity === undefined) throw permissionDenied();
    const given = headerCredentials(request);
    if (given.size > 0) {
      for (const one of matching) {
        if ((await this.#fault(one, entity, given)) !== undefined) throw permissionDenied();
      }
      return undefined;
    }
    const now = this.#context.runtime.clock.wall();
    for (const [id, { until }] of this.#pending) if (until <= now) this.#pending.delete(id);
    const id = makeUuid((length) => this.#context.runtime.random.bytes(length));
    this.#pending.set(id, { request, auth, entityId: entity.id, mount, until: now + WAIT });
    const constraints: JsonObject = {};
    for (const one of matching) {
      const any: JsonValue[] = [];
      for (const method of one.methodIds) any.push(...(await this.#shown(method)));
      constraints[one.name] = any.length === 0 ? {} : { any };
    }
    return { mfa_request_id: id, mfa_constraints: constraints };
  }

  async #shown(id: string): Promise<JsonValue[]> {
    const method = (await this.#store.find(id))?.method;
    if (method === undefined) return [];
    const { settings, name } = method;
    const shown = new Map<string, JsonValue>([
      ['type', settings.type],
      ['id', id],
    ]);
    if (settings.type === 'totp' || (settings.type === 'duo' && settings.usePasscode)) shown.set('uses_passcode', true);
    if (name !== '') shown.set('name', name);
    return [shown];
  }

  async #matching(entity: Entity | undefined, { entry }: RoutedMount): Promise<Enforcement[]> {
    const rules = await this.#store.governing();
    if (rules.length === 0) return [];
    const groups = entity === undefined ? [] : await this.#context.services.identity.groups(entity);
    return rules.filter(
      (one) =>
        one.accessors.includes(entry.accessor) ||
        one.types.includes(entry.type) ||
        (entity !== undefined && one.entityIds.includes(entity.id)) ||
        groups.some((group) => one.groupIds.includes(group.id)),
    );
  }

  async validate(id: string, payload: JsonObject): Promise<{ auth: Auth; warnings: string[] }> {
    if (id === '') throw refuse('missing request ID');
    const given = new Map<string, readonly string[]>();
    for (const [name, value] of Object.entries(payload)) {
      const texts = value === null ? [] : asList(value);
      if (texts?.every((one) => typeof one !== 'object' || one === null || isNumber(one)) !== true)
        throw refuse('invalid mfa payload');
      given.set(
        name,
        texts.map((one) => (typeof one === 'string' ? one : print(one))),
      );
    }
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.until <= this.#context.runtime.clock.wall()) {
      throw refuse('invalid request ID');
    }
    const { identity, tokens } = this.#context.services;
    const entity = await identity.entity(pending.entityId);
    if (entity === undefined) throw permissionDenied();
    for (const one of await this.#matching(entity, pending.mount)) {
      const fault = await this.#fault(one, entity, given);
      if (fault !== undefined) throw refuse(`failed to satisfy enforcement ${one.name}. error: ${fault}`, 403);
    }
    // One confirmation, one token.
    if (!this.#pending.delete(id)) throw refuse('invalid request ID');
    const { auth } = pending;
    const warnings = await tokens.createForLogin(pending.request, auth, pending.mount);
    return { auth, warnings };
  }

  /** One of the enforcement's methods has to be passed. */
  async #fault(one: Enforcement, entity: Entity, given: Credentials): Promise<string | undefined> {
    const missing: string[] = [];
    const wrong: string[] = [];
    let found = false;
    for (const id of one.methodIds) {
      const placed = await this.#store.find(id);
      // By name a method is known with the path of its namespace.
      const name = placed === undefined ? '' : placed.namespacePath + placed.method.name;
      const credentials = given.get(id) ?? (placed === undefined ? undefined : given.get(name));
      if (placed === undefined || credentials === undefined) {
        missing.push(`failed to find MFA credentials associated with an MFA method ID ${id}, method name ${name}`);
        continue;
      }
      found = true;
      const fault = await this.#methodFault(placed.method, entity as StoredEntity, credentials);
      if (fault === undefined) return undefined;
      wrong.push(fault);
    }
    // An enforcement may have been made without methods: nobody passes it.
    if (!found) return `failed to sanitize MFA creds, ${missing.length === 0 ? '<nil>' : multierror(...missing)}`;
    return multierror(...wrong, `login MFA validation failed for methodID: [${one.methodIds.join(' ')}]`);
  }

  async #methodFault(
    method: MfaMethod,
    entity: StoredEntity,
    credentials: readonly string[],
  ): Promise<string | undefined> {
    const { settings } = method;
    if (settings.type !== 'totp') return `MFA type ${settings.type} cannot be reached from here`;
    if (entity.mfaSecrets[method.id] === undefined) {
      return `MFA secret for method name ${quote(method.name)} not present in entity ${quote(entity.id)}`;
    }
    if (credentials.length > 1) {
      return 'failed to parse MFA factor, found multiple passcodes for the same MFA method';
    }
    const key = await this.#store.totpKey(method.id, entity.id);
    if (key === undefined) return `totp key not found`;
    const passcode = (credentials[0] ?? '').replace(/^passcode=/, '');
    return this.#passcodes.check(method, settings, entity.id, passcode, key);
  }
}

/** `X-Vault-MFA: <method>[:<passcode>]`, several times. */
function headerCredentials({ headers }: Request): Credentials {
  const found = new Map<string, string[]>();
  for (const value of headers.get('x-vault-mfa') ?? []) {
    if (value === '') continue;
    const colon = value.indexOf(':');
    const name = colon < 0 ? value : value.slice(0, colon);
    const list = found.get(name) ?? [];
    if (colon >= 0) list.push(value.slice(colon + 1));
    found.set(name, list);
  }
  return found;
}
