/** The barrier's keys: one per term, the newest encrypts, all decrypt; and the root key that protects them. */
import { decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { equalBytes, noBytes } from '../../codec/bytes.ts';
import { asBoolean, asList, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { JsonNumber, isObject, parse, print, type JsonValue } from '../../codec/json.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { assert } from '../../assert.ts';
import { failure } from '../../fault.ts';
import { HOUR, type Micros } from '../../runtime.ts';

export interface TermKey {
  readonly term: number;
  readonly version: number;
  readonly value: Uint8Array;
  /** RFC 3339 with nanoseconds, as stored: another server's digits survive a rewrite. */
  readonly installTime: string;
  /** Encryptions counted so far; only the active key's counts. */
  readonly encryptions: number;
}

export interface RotationConfig {
  readonly disabled: boolean;
  /** Rotate after so many encryptions. */
  readonly maxOperations: number;
  /** Rotate after so much time; 0: never. */
  readonly interval: Micros;
}

/** Go's zero time: the install time of what has none. */
export const zeroTime = '0001-01-01T00:00:00Z';

/** A tenth below NIST's limit for random nonces. */
export const maximumOperations = 3_865_470_566;
export const minimumOperations = 1_000_000;
export const minimumInterval = 24 * HOUR;

export const defaultRotation: RotationConfig = { disabled: false, maxOperations: maximumOperations, interval: 0 };

/** Brings a configuration into the permitted range, as upstream does without a word. */
export function permittedRotation({ disabled, maxOperations, interval }: RotationConfig): RotationConfig {
  const wanted = maxOperations === 0 ? maximumOperations : maxOperations;
  return {
    disabled,
    maxOperations: Math.max(minimumOperations, Math.min(maximumOperations, wanted)),
    interval: interval > 0 ? Math.max(interval, minimumInterval) : interval,
  };
}

/** Immutable: every change makes another keyring. */
export class Keyring {
  readonly rootKey: Uint8Array;
  readonly keys: ReadonlyMap<number, TermKey>;
  readonly rotation: RotationConfig;
  readonly activeTerm: number;

  constructor(rootKey: Uint8Array, keys: Iterable<TermKey> = [], rotation: RotationConfig = defaultRotation) {
    this.rootKey = rootKey;
    this.keys = new Map([...keys].sort((a, b) => a.term - b.term).map((key) => [key.term, key]));
    this.rotation = rotation;
    this.activeTerm = Math.max(0, ...this.keys.keys());
  }

  get activeKey(): TermKey {
    const key = this.keys.get(this.activeTerm);
    assert(key !== undefined, 'a keyring in use has keys');
    return key;
  }

  /** Installing the same key again changes nothing; another one for its term is refused. */
  withKey(key: TermKey): Keyring {
    const present = this.keys.get(key.term);
    if (present !== undefined) {
      if (!equalBytes(present.value, key.value)) {
        throw failure(`conflicting key for term ${key.term} already installed`);
      }
      return this;
    }
    const active = Math.max(this.activeTerm, key.term);
    const keys = [...this.keys.values(), key].map((old) => (old.term === active ? old : { ...old, encryptions: 0 }));
    return new Keyring(this.rootKey, keys, this.rotation);
  }

  withRootKey(rootKey: Uint8Array): Keyring {
    return new Keyring(rootKey, this.keys.values(), this.rotation);
  }

  withRotation(rotation: RotationConfig): Keyring {
    return new Keyring(this.rootKey, this.keys.values(), rotation);
  }

  /** Adds to the active key's count. */
  withEncryptions(count: number): Keyring {
    const keys = [...this.keys.values()].map((key) =>
      key.term === this.activeTerm ? { ...key, encryptions: key.encryptions + count } : key,
    );
    return new Keyring(this.rootKey, keys, this.rotation);
  }

  serialise(): Uint8Array {
    const { disabled, maxOperations, interval } = this.rotation;
    return encodeUtf8(
      print(
        new Map<string, JsonValue>([
          ['MasterKey', encodeBase64(this.rootKey)],
          ['Keys', [...this.keys.values()].map(keyFields)],
          [
            'RotationConfig',
            new Map<string, JsonValue>([
              ['Disabled', disabled],
              ['MaxOperations', maxOperations],
              ['Interval', nanoseconds(interval)],
            ]),
          ],
        ]),
      ),
    );
  }

  static parse(bytes: Uint8Array): Keyring {
    const stored = readObject(bytes);
    const rotation = asObject(stored['RotationConfig']);
    return new Keyring(
      readBytes(stored['MasterKey']),
      (asList(stored['Keys']) ?? []).map(readKey),
      permittedRotation({
        disabled: asBoolean(rotation?.['Disabled']) ?? false,
        maxOperations: asNumber(rotation?.['MaxOperations']) ?? 0,
        interval: Math.floor((asNumber(rotation?.['Interval']) ?? 0) / 1_000),
      }),
    );
  }
}

/** What `core/root-key` and `core/upgrade/<n>` hold. */
export const serialiseKey = (key: TermKey): Uint8Array => encodeUtf8(print(keyFields(key)));

export const parseKey = (bytes: Uint8Array): TermKey => readKey(readObject(bytes));

function keyFields({ term, version, value, installTime, encryptions }: TermKey): Map<string, JsonValue> {
  const fields = new Map<string, JsonValue>([
    ['Term', term],
    ['Version', version],
    ['Value', encodeBase64(value)],
    ['InstallTime', installTime],
  ]);
  if (encryptions !== 0) fields.set('encryptions', encryptions);
  return fields;
}

function readKey(stored: JsonValue): TermKey {
  const fields = isObject(stored) ? stored : undefined;
  return {
    term: asNumber(fields?.['Term']) ?? 0,
    version: asNumber(fields?.['Version']) ?? 0,
    value: readBytes(fields?.['Value']),
    installTime: asString(fields?.['InstallTime']) ?? zeroTime,
    encryptions: asNumber(fields?.['encryptions']) ?? 0,
  };
}

function readObject(bytes: Uint8Array): Record<string, JsonValue> {
  let value: JsonValue;
  try {
    value = parse(bytes);
  } catch (error) {
    throw failure(`deserialization failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) throw failure('deserialization failed: not an object');
  return value;
}

const readBytes = (value: JsonValue | undefined): Uint8Array =>
  typeof value === 'string' ? decodeBase64(value) : noBytes;

/** An interval of a few months has more nanoseconds than a double holds exactly. */
const nanoseconds = (interval: Micros): JsonNumber => new JsonNumber(interval === 0 ? '0' : `${interval}000`);
