/**
 * Where AppRole keeps things:
 *
 *   role/<name>                              the role
 *   role_id/<salted role id>                 → its name
 *   secret_id[_local]/<role hmac>/<id hmac>  a secret id, whose text is nowhere
 *   accessor[_local]/<salted accessor>       → the secret id's HMAC
 *   salt                                     a UUID
 */
import { encodeHex } from '../../codec/hex.ts';
import { isObject, parse } from '../../codec/json.ts';
import { asString } from '../../codec/json-fields.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { makeUuid } from '../../codec/uuid.ts';
import { failure } from '../../fault.ts';
import { Collection, encodeEntry } from '../../framework/collection.ts';
import { KeyLocks } from '../../framework/key-locks.ts';
import type { BackendContext } from '../../framework/logical.ts';
import { Salt } from '../../framework/salt.ts';
import type { Micros, Runtime } from '../../runtime.ts';
import type { Reader, Storage, Writer } from '../../storage/storage.ts';
import { isConstrained, LOCAL_SECRET_ID_PREFIX, roleForm } from './role.ts';
import type { Role } from './role.ts';
import { secretIdForm } from './secret-id.ts';
import type { SecretId, Timestamp } from './secret-id.ts';

type ReadWrite = Reader & Writer;

const LONGEST = 4096;

export class AppRoleStore {
  readonly runtime: Runtime;
  readonly storage: Storage;
  readonly maxLeaseTtl: () => Micros;
  readonly roleLocks = new KeyLocks();
  readonly secretLocks = new KeyLocks();
  tidying = false;
  readonly #salt: Salt;

  constructor(context: BackendContext) {
    this.runtime = context.runtime;
    this.storage = context.storage;
    this.#salt = new Salt(context.runtime, context.storage);
    this.maxLeaseTtl = () => context.system.maxLeaseTtl();
  }

  makeSalt(): Promise<unknown> {
    return this.#salt.value();
  }

  now(): Timestamp {
    return timestamp(this.runtime.clock.wall());
  }

  uuid(): string {
    return makeUuid((length) => this.runtime.random.bytes(length));
  }

  // ---- roles

  async role(storage: Reader, name: string): Promise<Role | undefined> {
    const role = await roles(storage as ReadWrite).get(name.toLowerCase());
    if (role !== undefined) role.name = role.lowerCaseName ? name.toLowerCase() : name;
    return role;
  }

  /** Writes the role, and its index when the role id is new or `previousRoleId` is not given. */
  async putRole(storage: ReadWrite, name: string, role: Role, previousRoleId = ''): Promise<void> {
    if (!isConstrained(role)) throw failure('at least one constraint should be enabled on the role');
    const owner = await this.roleNameOf(storage, role.roleId);
    if (owner !== undefined && owner !== name) throw failure('role_id already in use');
    if (previousRoleId !== '' && previousRoleId !== role.roleId) await this.dropRoleId(storage, previousRoleId);
    await roles(storage).put(name.toLowerCase(), role);
    if (previousRoleId === '' || previousRoleId !== role.roleId) await this.indexRoleId(storage, role.roleId, name);
  }

  async deleteRole(storage: ReadWrite, role: Role): Promise<void> {
    const folder = this.secretFolder(role);
    for (const id of await storage.list(folder)) await storage.delete(folder + id);
    await this.dropRoleId(storage, role.roleId);
    await roles(storage).delete(role.name.toLowerCase());
  }

  async roleNameOf(storage: Reader, roleId: string): Promise<string | undefined> {
    const stored = await storage.get(`role_id/${await this.#salt.salted(roleId)}`);
    const entry = stored === undefined ? undefined : parse(stored);
    return isObject(entry) ? asString(entry['name']) : undefined;
  }

  async indexRoleId(storage: ReadWrite, roleId: string, name: string): Promise<void> {
    await storage.put(`role_id/${await this.#salt.salted(roleId)}`, encodeEntry({ name }));
  }

  async dropRoleId(storage: ReadWrite, roleId: string): Promise<void> {
    await storage.delete(`role_id/${await this.#salt.salted(roleId)}`);
  }

  // ---- secret ids

  /** The HMAC under which a text of this role is filed. */
  hmac(role: Role, text: string): string {
    const bytes = encodeUtf8(text);
    if (bytes.length > LONGEST) throw failure(`value is longer than maximum of ${LONGEST} bytes`);
    return encodeHex(this.runtime.crypto.hmac('sha256', encodeUtf8(role.hmacKey), bytes));
  }

  secretFolder(role: Role): string {
    return `${role.secretIdPrefix}${this.hmac(role, role.name)}/`;
  }

  /** Expired ones are as good as gone. */
  async secretId(storage: Reader, role: Role, hmac: string): Promise<SecretId | undefined> {
    const secret = await this.storedSecretId(storage, this.secretFolder(role) + hmac);
    return secret === undefined || this.isExpired(secret) ? undefined : secret;
  }

  async storedSecretId(storage: Reader, place: string): Promise<SecretId | undefined> {
    const stored = await storage.get(place);
    return stored === undefined ? undefined : secretIdForm.decode(parse(stored));
  }

  isExpired({ expirationTime }: SecretId): boolean {
    if (expirationTime === undefined) return false;
    const now = this.now();
    const past = now.seconds - expirationTime.seconds || now.nanos - expirationTime.nanos;
    return past > 0;
  }

  async putSecretId(storage: ReadWrite, place: string, secret: SecretId): Promise<void> {
    await storage.put(place, encodeEntry(secretIdForm.encode(secret)));
  }

  /** At most the mount's maximum. */
  boundTtl(ttl: Micros): Micros {
    return ttl > this.maxLeaseTtl() ? this.maxLeaseTtl() : ttl;
  }

  /** The accessor is stored first, then the secret id. */
  async register(storage: ReadWrite, role: Role, text: string, secret: SecretId): Promise<void> {
    const prefix = 'failed to store secret_id: ';
    const hmac = within(`${prefix}failed to create HMAC of secret ID: `, () => this.hmac(role, text));
    const place = this.secretFolder(role) + hmac;
    await this.secretLocks.write(hmac, async () => {
      const known = await this.storedSecretId(storage, place);
      if (known !== undefined && !this.isExpired(known)) throw failure(`${prefix}SecretID is already registered`);
      const now = this.runtime.clock.wall();
      const ttl = this.boundTtl(secret.ttl);
      secret.creationTime = timestamp(now);
      secret.lastUpdatedTime = secret.creationTime;
      secret.expirationTime = ttl === 0 ? undefined : timestamp(now + ttl);
      secret.accessor = this.uuid();
      const accessor = await this.accessorPlace(role.secretIdPrefix, secret.accessor);
      await storage.put(accessor, encodeEntry({ secret_id_hmac: hmac }));
      await this.putSecretId(storage, place, secret);
    });
  }

  /** The HMAC of the secret id that an accessor stands for. */
  async hmacOfAccessor(storage: Reader, prefix: string, accessor: string): Promise<string | undefined> {
    const stored = await storage.get(await this.accessorPlace(prefix, accessor));
    const entry = stored === undefined ? undefined : parse(stored);
    return isObject(entry) ? asString(entry['secret_id_hmac']) : undefined;
  }

  /** The accessor goes first, then the secret id. */
  async destroy(storage: ReadWrite, role: Role, hmac: string, accessor: string): Promise<void> {
    await storage.delete(await this.accessorPlace(role.secretIdPrefix, accessor));
    await storage.delete(this.secretFolder(role) + hmac);
  }

  async accessorPlace(prefix: string, accessor: string): Promise<string> {
    return accessorFolder(prefix) + (await this.#salt.salted(accessor));
  }

  invalidate(key: string): void {
    this.#salt.invalidate(key);
  }
}

const roles = (storage: ReadWrite): Collection<Role> => new Collection({ prefix: 'role/', form: roleForm }, storage);

export const accessorFolder = (prefix: string): string =>
  prefix === LOCAL_SECRET_ID_PREFIX ? 'accessor_local/' : 'accessor/';

const timestamp = (micros: Micros): Timestamp => {
  const seconds = Math.floor(micros / 1_000_000);
  return { seconds, nanos: (micros - seconds * 1_000_000) * 1_000 };
};

/** Puts a context in front of a bare error. */
export function within<T>(context: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw failure(context + (error instanceof Error ? error.message : String(error)));
  }
}
