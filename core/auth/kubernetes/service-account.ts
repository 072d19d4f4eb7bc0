/** Whose token it is: what the claims say, read as upstream's mapstructure reads them into its struct. */
import { goType } from '../../codec/go-type.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asList, asNumber, memberOf } from '../../codec/json-fields.ts';
import { failure } from '../../fault.ts';
import type { Claims } from '../../framework/jwt/keys.ts';

export interface ServiceAccount {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  /** Of the secret that an old token was kept in; '' for a new one. */
  readonly secretName: string;
  readonly audience: readonly string[];
}

const OLD = 'kubernetes.io/serviceaccount';

function goKind(value: JsonValue): string {
  const type = goType(value);
  return type.startsWith('[]') ? 'slice' : type.startsWith('map') ? 'map' : type;
}

class Reading {
  /** What is of a wrong type, in the order of the struct. */
  readonly complaints: string[];
  readonly #fields: Claims;
  readonly #path: string;

  constructor(fields: Claims, path = '', complaints: string[] = []) {
    this.#fields = fields;
    this.#path = path;
    this.complaints = complaints;
  }

  #value(name: string): JsonValue | undefined {
    return memberOf(this.#fields, name) ?? undefined;
  }

  #complain(name: string, what: string): void {
    this.complaints.push(`'${this.#path}${name}' ${what}`);
  }

  text(name: string): string {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value ?? '';
    this.#complain(name, `expected type 'string', got unconvertible type '${goType(value)}'`);
    return '';
  }

  texts(name: string): readonly string[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    const list = asList(value);
    if (list === undefined) {
      // Where a text is no list, neither is it one of one.
      this.#complain(name, `source data must be an array or slice, got ${goKind(value)}`);
      return [];
    }
    return list.filter((item) => typeof item === 'string');
  }

  inner(name: string): Reading | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (isObject(value)) return new Reading(value, `${this.#path}${name}.`, this.complaints);
    this.#complain(name, `expected a map or struct, got "${goKind(value)}"`);
    return undefined;
  }

  integer(name: string): void {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'boolean' || asNumber(value) !== undefined) return;
    this.#complain(name, `expected type 'int64', got unconvertible type '${goType(value)}'`);
  }
}

/** A reference to another object: its name and uid. */
function reference(inside: Reading | undefined, name: string) {
  const found = inside?.inner(name);
  return found && { name: found.text('name'), uid: found.text('uid') };
}

/** Throws a Fault for claims of wrong types. */
export function serviceAccountOf(claims: Claims): ServiceAccount {
  const reading = new Reading(claims);
  const name = reading.text(`${OLD}/service-account.name`);
  const uid = reading.text(`${OLD}/service-account.uid`);
  const secretName = reading.text(`${OLD}/secret.name`);
  const namespace = reading.text(`${OLD}/namespace`);
  const audience = reading.texts('aud');
  const projected = reading.inner('kubernetes.io');
  const inside = projected?.text('namespace');
  reference(projected, 'pod');
  const account = reference(projected, 'serviceaccount');
  for (const date of ['exp', 'iat']) reading.integer(date);
  if (reading.complaints.length > 0) {
    throw failure(`decoding failed due to the following error(s):\n\n${reading.complaints.join('\n')}`);
  }
  return {
    name: account?.name ?? name,
    uid: account?.uid ?? uid,
    namespace: inside ?? namespace,
    secretName,
    audience,
  };
}
