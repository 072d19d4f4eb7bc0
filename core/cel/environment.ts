/** What an expression may name: variables, functions, and the messages that it may build. */
import { CelError } from './error.ts';
import { checkField } from './field-value.ts';
import { addCollections } from './collections.ts';
import { addEncoders } from './encoders.ts';
import type { Declarations, FunctionTable } from './functions.ts';
import { addMath } from './math.ts';
import { standardFunctions } from './standard.ts';
import { addStrings } from './strings.ts';
import { addTimeFunctions } from './time.ts';
import type { Type } from './types.ts';
import { INT, parseType, typeOf } from './types.ts';
import type { CelValue } from './values.ts';
import { CelMap, Duration, List, Message, Timestamp, TypeValue, Uint } from './values.ts';

export interface CelOptions {
  /** 'a.b': x may also be written for a.b.x and a.x. */
  readonly container?: string;
  /** Types by name: { input: 'map(string, dyn)' }. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Fields with their types by the message's name. */
  readonly messages?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Numbers by qualified name, such as the values of a protobuf enum. */
  readonly constants?: Readonly<Record<string, bigint>>;
  /** More functions; see Declarations.add. */
  readonly functions?: (all: Declarations) => void;
}

const TYPE_NAMES: readonly (readonly [written: string, type: string, name: string])[] = [
  ...['bool', 'int', 'uint', 'double', 'string', 'bytes'].map((name) => [name, name, name] as const),
  ['list', 'list(dyn)', 'list'],
  ['map', 'map(dyn, dyn)', 'map'],
  ['type', 'type(dyn)', 'type'],
  ['null_type', 'null', 'null_type'],
  ['optional_type', 'optional_type(dyn)', 'optional_type'],
  ['google.protobuf.Timestamp', 'timestamp', 'google.protobuf.Timestamp'],
  ['google.protobuf.Duration', 'duration', 'google.protobuf.Duration'],
];

const WELL_KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'google.protobuf.Timestamp': { seconds: 'int', nanos: 'int' },
  'google.protobuf.Duration': { seconds: 'int', nanos: 'int' },
};

function functionsOf({ functions }: CelOptions): FunctionTable {
  const all = standardFunctions();
  for (const add of [addTimeFunctions, addStrings, addCollections, addMath, addEncoders]) add(all);
  functions?.(all);
  return all.table;
}

function found<T>(all: ReadonlyMap<string, T>, names: readonly string[]): T | undefined {
  const name = names.find((one) => all.has(one));
  return name === undefined ? undefined : all.get(name);
}

/** An environment is made once and shared: it holds nothing of a run. */
export class CelEnv {
  readonly functions: FunctionTable;
  readonly container: string;
  readonly #options: CelOptions;
  readonly #types = new Map<string, Type>();
  readonly #constants = new Map<string, CelValue>();
  readonly #messages = new Map<string, ReadonlyMap<string, Type>>();

  constructor(options: CelOptions = {}, functions = functionsOf(options)) {
    const { variables = {}, messages = {}, constants = {} } = options;
    this.#options = options;
    this.functions = functions;
    this.container = options.container ?? '';
    for (const [written, type, name] of TYPE_NAMES) {
      this.#types.set(written, typeOf(parseType(type)));
      this.#constants.set(written, new TypeValue(name));
    }
    for (const [name, value] of Object.entries(constants)) {
      this.#types.set(name, INT);
      this.#constants.set(name, value);
    }
    for (const [name, type] of Object.entries(variables)) this.#types.set(name, parseType(type));
    for (const [name, fields] of Object.entries({ ...WELL_KNOWN, ...messages })) {
      this.#messages.set(name, new Map(Object.entries(fields).map(([field, type]) => [field, parseType(type)])));
    }
  }

  /** The type of a variable or constant. */
  typeOf(name: string): Type | undefined {
    return found(this.#types, this.candidates(name));
  }

  /** What a name may mean, the innermost first. */
  candidates(name: string): string[] {
    if (this.container === '') return [name];
    const parts = this.container.split('.');
    return [...parts.map((_, i) => `${parts.slice(0, parts.length - i).join('.')}.${name}`), name];
  }

  constant(name: string): CelValue | undefined {
    return found(this.#constants, this.candidates(name));
  }

  /** The same environment with more variables, of any type. */
  with(names: readonly string[]): CelEnv {
    if (names.length === 0) return this;
    const variables = { ...this.#options.variables, ...Object.fromEntries(names.map((name) => [name, 'dyn'])) };
    return new CelEnv({ ...this.#options, variables }, this.functions);
  }

  message(type: string): ReadonlyMap<string, Type> | undefined {
    return found(this.#messages, this.candidates(type));
  }

  #whole(type: string): string {
    return this.candidates(type).find((name) => this.#messages.has(name)) ?? type;
  }

  messageType(type: string): Type {
    return parseType(
      type === 'google.protobuf.Duration'
        ? 'duration'
        : type === 'google.protobuf.Timestamp'
          ? 'timestamp'
          : this.#whole(type),
    );
  }

  /** Throws CelError. */
  construct(type: string, fields: ReadonlyMap<string, CelValue>): CelValue {
    if (!(type in WELL_KNOWN)) {
      const name = this.#whole(type);
      const types = this.#messages.get(name);
      for (const [field, value] of fields) checkField(name, field, types!.get(field)!, value);
      return new Message(name, new Map([...fields].filter(([, value]) => value !== null)));
    }
    const part = (name: string): bigint => (fields.get(name) as bigint | undefined) ?? 0n;
    const nanos = part('seconds') * 1_000_000_000n + part('nanos');
    return type.endsWith('Duration') ? new Duration(nanos) : new Timestamp(nanos);
  }

  /** What a field holds that nobody set. Throws CelError when there is none of that name. */
  zero(type: string, field: string): CelValue {
    const own = this.#messages.get(type)?.get(field);
    if (own === undefined) throw new CelError(`no such field '${field}'`);
    const zeros: Readonly<Record<string, CelValue>> = {
      bool: false,
      int: 0n,
      uint: new Uint(0n),
      double: 0,
      string: '',
      bytes: new Uint8Array(0),
      list: new List([]),
      map: new CelMap([]),
      timestamp: new Timestamp(0n),
      duration: new Duration(0n),
    };
    return Object.hasOwn(zeros, own.name)
      ? zeros[own.name]!
      : own.name === 'dyn'
        ? null
        : new Message(own.name, new Map());
  }
}
