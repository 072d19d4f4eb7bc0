/** A PKCS#11 module on this machine. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { quote } from '../../core/codec/go-quote.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/codec/utf8.ts';
import { failure } from '../../core/fault.ts';
import {
  CKM,
  type Pkcs11Gcm,
  type Pkcs11Handle,
  type Pkcs11Module,
  type Pkcs11Oaep,
} from '../../core/server/seal/pkcs11-module.ts';
import { hashMechanisms } from '../../core/server/seal/pkcs11-names.ts';
import { firstMissing } from './path.ts';
import { loadLibrary, type Arena, type Argument, type Library, type Pointer } from './library.ts';

/** CKF_OS_LOCKING_OK, CKF_SERIAL_SESSION, CKU_USER, CKZ_DATA_SPECIFIED. */
const OS_LOCKING = 2;
const SERIAL_SESSION = 4;
const USER = 1;
const DATA_SPECIFIED = 1;
const TAG_BITS = 128;
/** CKG_MGF1_…, by the hash's own number. */
const masks: ReadonlyMap<number, number> = new Map([
  [hashMechanisms.sha1, 1],
  [hashMechanisms.sha256, 2],
  [hashMechanisms.sha384, 3],
  [hashMechanisms.sha512, 4],
  [hashMechanisms.sha224, 5],
]);
/** More than a CK_TOKEN_INFO needs; it begins with the label. */
const TOKEN_INFO = 512;
const LABEL = 32;

/** Rejects with a Fault. */
export async function openModule(name: string): Promise<Pkcs11Module> {
  const path = resolve(name);
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw failure(`failed to eval symlinks in module path: ${firstMissing(path, error)}`);
  }
  const shared = open.get(real) ?? { users: 0, slots: new Set(), library: initialised(real) };
  open.set(real, shared);
  shared.users += 1;
  try {
    return new HostModule(real, await shared.library, shared);
  } catch (error) {
    leave(real, shared);
    throw error;
  }
}

/** A library is initialised once a process, however many tokens are used through it. */
interface Shared {
  users: number;
  readonly slots: Set<number>;
  readonly library: Promise<Library>;
}

const open = new Map<string, Shared>();

/** Whether that was the last user. */
function leave(path: string, shared: Shared): boolean {
  shared.users -= 1;
  if (shared.users > 0) return false;
  open.delete(path);
  return true;
}

async function initialised(path: string): Promise<Library> {
  const library = await loadLibrary(path);
  if (library === undefined) throw failure(`failed to load module ${quote(path)}`);
  try {
    await library.memory.freed((arena) =>
      library.call('Initialize', arena.structures([[null, null, null, null, OS_LOCKING, null]])),
    );
  } catch (error) {
    throw failure(`failed to initialize module ${quote(path)}: ${error instanceof Error ? error.message : ''}`);
  }
  return library;
}

class HostModule implements Pkcs11Module {
  readonly path: string;
  readonly #library: Library;
  readonly #shared: Shared;
  #claimed: number | undefined;
  constructor(path: string, library: Library, shared: Shared) {
    this.path = path;
    this.#library = library;
    this.#shared = shared;
  }

  claim(slot: number): boolean {
    const { slots } = this.#shared;
    if (slots.has(slot)) return false;
    slots.add(slot);
    this.#claimed = slot;
    return true;
  }

  slots() {
    return this.#with(async (arena) => {
      const count = arena.ulong(0);
      await this.#call('GetSlotList', 1, null, count);
      const found = Number(arena.readUlong(count));
      const list = arena.room(found * 8);
      await this.#call('GetSlotList', 1, list, count);
      const slots: { id: number; label: string }[] = [];
      for (const slot of arena.readUlongs(list, Number(arena.readUlong(count)))) {
        const info = arena.room(TOKEN_INFO);
        const id = Number(slot);
        await this.#call('GetTokenInfo', id, info);
        slots.push({ id, label: decodeUtf8(arena.readBytes(info, LABEL)).trimEnd() });
      }
      return slots;
    });
  }

  openSession(slot: number) {
    return this.#with(async (arena) => {
      const session = arena.ulong(0);
      await this.#call('OpenSession', slot, SERIAL_SESSION, null, null, session);
      return arena.readUlong(session);
    });
  }

  closeSession(session: Pkcs11Handle) {
    return this.#call('CloseSession', session);
  }

  login(session: Pkcs11Handle, pin: string) {
    const secret = encodeUtf8(pin);
    return this.#with((arena) => this.#call('Login', session, USER, arena.bytes(secret), secret.length));
  }

  find(session: Pkcs11Handle, attributes: ReadonlyMap<number, Uint8Array>) {
    return this.#with(async (arena) => {
      const template = [...attributes].map(([type, value]) => [type, arena.bytes(value), value.length]);
      await this.#call('FindObjectsInit', session, arena.structures(template), template.length);
      const objects = arena.room(2 * 8);
      const count = arena.ulong(0);
      await this.#call('FindObjects', session, objects, 2, count);
      await this.#call('FindObjectsFinal', session);
      return arena.readUlongs(objects, Number(arena.readUlong(count)));
    });
  }

  attributes(session: Pkcs11Handle, object: Pkcs11Handle, types: readonly number[]) {
    return this.#with(async (arena) => {
      const asked = async (rows: readonly (readonly Argument[])[]): Promise<number[]> => {
        const template = arena.structures(rows);
        await this.#call('GetAttributeValue', session, object, template, rows.length);
        return arena.readStructures(template, rows).map((row) => Number(row[2]));
      };
      const lengths = await asked(types.map((type) => [type, null, 0]));
      const rooms = lengths.map((length) => arena.room(length));
      const filled = await asked(types.map((type, at) => [type, rooms[at]!, lengths[at]!]));
      return filled.map((length, at) => arena.readBytes(rooms[at]!, length));
    });
  }

  random(session: Pkcs11Handle, length: number) {
    return this.#with(async (arena) => {
      const room = arena.room(length);
      await this.#call('GenerateRandom', session, room, length);
      return arena.readBytes(room, length);
    });
  }

  encrypt(session: Pkcs11Handle, mechanism: Pkcs11Gcm | Pkcs11Oaep, key: Pkcs11Handle, plaintext: Uint8Array) {
    return this.#with(async (arena) => {
      const { structure, iv } = mechanismOf(arena, mechanism);
      await this.#call('EncryptInit', session, structure, key);
      const ciphertext = await this.#transform(arena, 'Encrypt', session, plaintext);
      return {
        ciphertext,
        iv: mechanism.type === 'aes-gcm' ? arena.readBytes(iv, mechanism.iv.length) : new Uint8Array(),
      };
    });
  }

  decrypt(session: Pkcs11Handle, mechanism: Pkcs11Gcm | Pkcs11Oaep, key: Pkcs11Handle, ciphertext: Uint8Array) {
    return this.#with(async (arena) => {
      await this.#call('DecryptInit', session, mechanismOf(arena, mechanism).structure, key);
      return this.#transform(arena, 'Decrypt', session, ciphertext);
    });
  }

  async close() {
    if (this.#claimed !== undefined) {
      await this.#call('CloseAllSessions', this.#claimed).catch(() => undefined);
      this.#shared.slots.delete(this.#claimed);
    }
    if (leave(this.path, this.#shared)) await this.#call('Finalize', null);
  }

  /** Asks for the length first, as the interface has it. */
  async #transform(arena: Arena, name: 'Encrypt' | 'Decrypt', session: Pkcs11Handle, data: Uint8Array) {
    const input = arena.bytes(data);
    const length = arena.ulong(0);
    await this.#call(name, session, input, data.length, null, length);
    const room = arena.room(Number(arena.readUlong(length)));
    await this.#call(name, session, input, data.length, room, length);
    return arena.readBytes(room, Number(arena.readUlong(length)));
  }

  #call(name: Parameters<Library['call']>[0], ...values: readonly Argument[]): Promise<void> {
    return this.#library.call(name, ...values);
  }

  #with<T>(body: (arena: Arena) => Promise<T>): Promise<T> {
    return this.#library.memory.freed(body);
  }
}

function mechanismOf(arena: Arena, mechanism: Pkcs11Gcm | Pkcs11Oaep): { structure: Pointer; iv: Pointer } {
  if (mechanism.type === 'rsa-oaep') {
    const { hash } = mechanism;
    const parameters = [hash, masks.get(hash)!, DATA_SPECIFIED, null, 0];
    return { structure: structure(arena, CKM.rsaOaep, parameters), iv: null };
  }
  const { iv } = mechanism;
  const kept = arena.bytes(iv);
  return { structure: structure(arena, CKM.aesGcm, [kept, iv.length, iv.length * 8, null, 0, TAG_BITS]), iv: kept };
}

const structure = (arena: Arena, mechanism: number, parameters: readonly Argument[]): Pointer =>
  arena.structures([[mechanism, arena.structures([parameters]), arena.size(parameters)]]);
