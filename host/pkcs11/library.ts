/**
 * A PKCS#11 library's functions, called through koffi on threads of their own: a device may take its time, and the
 * server goes on meanwhile.
 */
import { Pkcs11Error } from '../../core/server/seal/pkcs11-module.ts';
import { optionalPackage } from '../optional-package.ts';
import { functions, returnValues, type FunctionName } from './functions.ts';

type Koffi = (typeof import('koffi'))['default'];

/** Memory outside of V8's heap; what only koffi looks into. */
export type Pointer = object | bigint | null;

export type Argument = Pointer | number;

export interface Library {
  readonly memory: Memory;
  /** Rejects with Pkcs11Error unless it says CKR_OK. */
  call(name: FunctionName, ...values: readonly Argument[]): Promise<void>;
}

const ULONG = 'unsigned long';
const types: Readonly<Record<string, string>> = { n: ULONG, b: 'uint8', p: 'void *' };

/** Undefined for what is no PKCS#11 library. Rejects where koffi is missing. */
export async function loadLibrary(path: string): Promise<Library | undefined> {
  const koffi = await optionalPackage('koffi', 'seal "pkcs11"', async () => (await import('koffi')).default);
  const given = functionList(koffi, path);
  if (given === undefined) return undefined;
  const { list } = given;
  const found = (name: FunctionName) => {
    const [place, parameters] = functions[name];
    const prototype = koffi.proto(
      ULONG,
      Array.from(parameters, (letter) => types[letter]!),
    );
    const pointer: unknown = koffi.decode(list, pointers(koffi) + place * koffi.sizeof('void *'), 'void *');
    const target = koffi.decode(pointer, prototype) as { async(...values: readonly unknown[]): void };
    return { target, prototype };
  };
  // What koffi made of the library lasts as long as somebody refers to it: the functions alone would not keep it.
  const kept = { ...given, functions: new Map<FunctionName, ReturnType<typeof found>>() };
  return {
    memory: new Memory(koffi),
    call: (name, ...values) => {
      const called = kept.functions.get(name) ?? found(name);
      kept.functions.set(name, called);
      return new Promise((resolve, reject) => {
        called.target.async(...values, (error: unknown, code: number) => {
          if (error !== null && error !== undefined) reject(error);
          else if (code === 0) resolve();
          else reject(new Pkcs11Error(name, code, returnValues.get(code) ?? ''));
        });
      });
    },
  };
}

/** The list begins with a version of two bytes; only Windows packs what follows. */
const pointers = (koffi: Koffi): number => (process.platform === 'win32' ? 2 : koffi.sizeof('void *'));

function functionList(koffi: Koffi, path: string) {
  const out: [Pointer] = [null];
  try {
    // Its OpenSSL is its own, and not that which Node brings along under the same names.
    const library = koffi.load(path, { deep: true });
    const get = library.func('C_GetFunctionList', ULONG, [koffi.out('void **')]);
    return get(out) === 0 ? { library, get, list: out[0] } : undefined;
  } catch {
    // koffi says in one sentence or another that it is no library, or has no such function.
    return undefined;
  }
}

type Structure = ReturnType<Koffi['struct']> & { readonly size: number };

/** Structures for one call after the other; `freed` lets go of all of them. */
export class Memory {
  readonly #koffi: Koffi;
  /** By what they are made of: `npn`. */
  readonly #structures = new Map<string, Structure>();
  constructor(koffi: Koffi) {
    this.#koffi = koffi;
  }

  /** Lives as long as `body` works. */
  async freed<T>(body: (arena: Arena) => Promise<T>): Promise<T> {
    const arena = new Arena(this.#koffi, (row) => this.#structure(row));
    try {
      return await body(arena);
    } finally {
      arena.free();
    }
  }

  /** CK_ULONGs and pointers as a C compiler lays them out; on Windows the interface packs them. */
  #structure(row: readonly Argument[]): Structure {
    const letters = row.map((value) => (typeof value === 'number' ? 'n' : 'p'));
    const known = this.#structures.get(letters.join(''));
    if (known !== undefined) return known;
    const fields = Object.fromEntries(letters.map((letter, at) => [`f${at}`, types[letter]!]));
    const made = process.platform === 'win32' ? this.#koffi.pack(fields) : this.#koffi.struct(fields);
    this.#structures.set(letters.join(''), made);
    return made;
  }
}

export class Arena {
  readonly #koffi: Koffi;
  readonly #structure: (row: readonly Argument[]) => Structure;
  readonly #taken: Pointer[] = [];
  constructor(koffi: Koffi, structure: (row: readonly Argument[]) => Structure) {
    this.#koffi = koffi;
    this.#structure = structure;
  }

  /** Zeroes. */
  room(bytes: number): Pointer {
    return this.bytes(new Uint8Array(bytes));
  }

  bytes(value: Uint8Array): Pointer {
    const pointer = this.#taking('uint8', Math.max(value.length, 1));
    if (value.length > 0) this.#koffi.encode(pointer, 'uint8', value, value.length);
    return pointer;
  }

  ulong(value: number): Pointer {
    const pointer = this.#taking(ULONG, 1);
    this.#koffi.encode(pointer, ULONG, value);
    return pointer;
  }

  /** Rows of the same kind, one after the other. */
  structures(rows: readonly (readonly Argument[])[]): Pointer {
    const type = this.#structure(rows[0]!);
    const pointer = this.#taking(type, rows.length);
    for (const [at, row] of rows.entries()) {
      const value = Object.fromEntries(row.map((field, index) => [`f${index}`, field]));
      this.#koffi.encode(pointer, at * type.size, type, value);
    }
    return pointer;
  }

  /** Of one structure, in bytes. */
  size(row: readonly Argument[]): number {
    return this.#structure(row).size;
  }

  readUlong(pointer: Pointer, offset = 0): number | bigint {
    return this.#koffi.decode(pointer, offset, ULONG) as number | bigint;
  }

  /** Numbers one after the other. */
  readUlongs(pointer: Pointer, count: number): (number | bigint)[] {
    return Array.from({ length: count }, (_, at) => this.readUlong(pointer, at * this.#koffi.sizeof(ULONG)));
  }

  /** What `structures` laid out, as it is now. */
  readStructures(pointer: Pointer, rows: readonly (readonly Argument[])[]): (number | bigint)[][] {
    const type = this.#structure(rows[0]!);
    return rows.map((_, at) => Object.values(this.#koffi.decode(pointer, at * type.size, type) as object));
  }

  readBytes(pointer: Pointer, length: number): Uint8Array {
    if (length === 0) return new Uint8Array();
    return Uint8Array.from(this.#koffi.decode(pointer, 'uint8', length) as ArrayLike<number>);
  }

  free(): void {
    for (const pointer of this.#taken) this.#koffi.free(pointer);
  }

  #taking(type: Parameters<Koffi['alloc']>[0], count: number): Pointer {
    const pointer = this.#koffi.alloc(type, count) as Pointer;
    this.#taken.push(pointer);
    return pointer;
  }
}
