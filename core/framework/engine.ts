/**
 * How an engine, an auth method or a part of `sys/` is declared: once, as paths with fields and operations, from which
 * routing, validation, help and OpenAPI are derived (`backend.ts` brings a declaration to life).
 *
 * Type parameters: State is what one mount keeps in memory, Spec its collections, Context what it is made with.
 */
import type { JsonObject } from '../codec/json.ts';
import type { Call, Running } from './call.ts';
import type { StoreSpec } from './collection.ts';
import type { Field, Fields } from './field.ts';
import type { Responses } from './openapi-responses.ts';
import type { BackendContext, SpecialPaths } from './logical.ts';
import type { Captures, Pattern } from './pattern.ts';
import { compilePattern } from './pattern.ts';
import type { Answer } from './reply.ts';

/** What `run` gets: captures and fields that always have a value are never undefined. */
export type Input<P extends string, F> = {
  readonly [K in keyof F]: F[K] extends Field<infer T, infer Always>
    ? K extends Captures<P>
      ? T
      : true extends Always
        ? T
        : T | undefined
    : never;
} & { readonly [K in Exclude<Captures<P>, keyof F>]: string };

export interface OperationSpec<I, C> {
  readonly about?: string;
  /** Sent to the active node when it arrives at a standby, even if it would only read. */
  readonly forward?: boolean;
  /** Kept out of OpenAPI. */
  readonly unpublished?: boolean;
  readonly deprecated?: boolean;
  /** OpenAPI names the operation `prefix-verb-suffix`; these override the path's. */
  readonly id?: OperationId;
  run(input: I, call: C): Answer | Promise<Answer>;
}

export interface Operations<I, C> {
  readonly read?: OperationSpec<I, C>;
  readonly create?: OperationSpec<I, C>;
  readonly update?: OperationSpec<I, C>;
  /** Both create and update. */
  readonly write?: OperationSpec<I, C>;
  readonly delete?: OperationSpec<I, C>;
  readonly list?: OperationSpec<I, C>;
  readonly scan?: OperationSpec<I, C>;
  readonly patch?: OperationSpec<I, C>;
  readonly header?: OperationSpec<I, C>;
  readonly 'alias-lookahead'?: OperationSpec<I, C>;
  readonly 'resolve-role'?: OperationSpec<I, C>;
}

export interface OperationId {
  readonly prefix?: string;
  readonly verb?: string;
  /** With '|' between the suffixes of a pattern's permutations. */
  readonly suffix?: string;
  /** The prefix is the type of the mount, whatever the engine's. */
  readonly byMount?: true;
}

export interface PathOptions<I, C> {
  /** Whether the object exists: decides between create and update. Without it writes are always updates. */
  exists?(input: I, call: C): Promise<boolean> | boolean;
  /**
   * Of the spellings that mean the same, the one that requests are taken for, by policies and audit devices, too:
   * relative to the mount, as is `path`, and without the slash at the end, which stays.
   */
  resolve?(this: void, input: I, path: string): string;
  /** The long help text. */
  readonly help?: string;
  /** Bodies may have any keys: nothing is reported as ignored. */
  readonly anyInput?: boolean;
  /** Needs sudo: true for the pattern itself, or the router's pattern ('config/*', 'role/+/id'). */
  readonly sudo?: true | string;
  /** It needs sudo, and OpenAPI does not say so. */
  readonly sudoUndocumented?: true;
  readonly unauthenticated?: true | string;
  readonly id?: OperationId;
  /** Hints for user interfaces, copied into OpenAPI. */
  readonly display?: JsonObject;
  readonly deprecated?: boolean;
  /** The path exists only where this says so; asked when the mount is made. */
  readonly when?: (context: never) => boolean;
}

type AnySpec = OperationSpec<JsonObject, unknown>;

/** A declared path, ready to match. */
export interface Path {
  readonly pattern: Pattern;
  readonly about: string;
  readonly names: readonly string[];
  readonly fields: readonly Field<unknown>[];
  /** Where a field's value comes from when it is captured: an index into `pattern.captures`, or -1. */
  readonly sources: readonly number[];
  /** Captures without a declared field. */
  readonly extra: readonly { readonly name: string; readonly index: number }[];
  readonly index: ReadonlyMap<string, number>;
  readonly operations: ReadonlyMap<string, AnySpec>;
  readonly options: PathOptions<JsonObject, unknown>;
}

/** A chain of paths: a whole engine, or a part of one in its own file (see `paths`). */
export class PathSet<State, Spec, Context extends BackendContext> {
  readonly #declared: Path[] = [];
  /** Most engines of a server are never mounted: their paths are made ready only when somebody asks for them. */
  readonly #waiting: (() => readonly Path[])[] = [];

  get paths(): Path[] {
    for (const make of this.#waiting.splice(0)) this.#declared.push(...make());
    return this.#declared;
  }

  path<const P extends string, F extends Fields>(
    pattern: P,
    about: string,
    fields: F,
    operations: Operations<Input<P, F>, Call<State, Spec, Context>>,
    options: PathOptions<Input<P, F>, Call<State, Spec, Context>> = {},
  ): this {
    this.#waiting.push(() => [declare(pattern, about, fields, operations, options)]);
    return this;
  }

  /** Takes over the paths of a part, in their order. */
  include(part: PathSet<State, Spec, Context>): this {
    this.#waiting.push(() => part.paths);
    return this;
  }
}

/** A part of an engine: `paths<State, Spec, Context>().path(…)`. */
export const paths = <State = undefined, Spec = object, Context extends BackendContext = BackendContext>(): PathSet<
  State,
  Spec,
  Context
> => new PathSet();

function declare(
  text: string,
  about: string,
  fields: Fields,
  operations: Operations<JsonObject, unknown>,
  options: PathOptions<JsonObject, unknown>,
): Path {
  const table = new Map<string, AnySpec>();
  for (const [name, spec] of Object.entries(operations) as [string, AnySpec | undefined][]) {
    if (spec === undefined) continue;
    if (name === 'write') {
      table.set('create', spec);
      table.set('update', spec);
    } else table.set(name, spec);
  }
  const pattern = compilePattern(text, table.has('list') || table.has('scan'));
  const names = Object.keys(fields);
  return {
    pattern,
    about,
    names,
    fields: names.map((name) => fields[name] as Field<unknown>),
    sources: names.map((name) => pattern.captures.indexOf(name)),
    extra: pattern.captures.map((name, index) => ({ name, index })).filter(({ name }) => !names.includes(name)),
    index: new Map(names.map((name, i) => [name, i])),
    operations: table,
    options,
  };
}

/** A kind of leased secret: `call.secret(type, …)` makes one, and the lease comes back here. */
export interface SecretSpec<C> {
  /** Micros; 0: the mount's default. */
  readonly defaultTtl?: number;
  /** Absent: not renewable. `call.request.secret` is the lease. */
  renew?(call: C): Answer | Promise<Answer>;
  revoke?(call: C): Answer | Promise<Answer>;
}

export interface EngineSpec<State, Spec, Context extends BackendContext> {
  readonly type: string;
  readonly class?: 'secret' | 'auth' | 'system';
  /** The help text of the mount itself. */
  readonly about: string;
  readonly storage?: Spec;
  /** What a mount keeps in memory: caches and locks, rebuilt from storage. */
  state?(context: Context): State;
  readonly secrets?: Readonly<Record<string, SecretSpec<Call<State, Spec, Context>>>>;
  /** Renewal of a token that this method's login made; without it tokens are not renewable. */
  renewAuth?(call: Call<State, Spec, Context>): Answer | Promise<Answer>;
  initialize?(running: Running<State, Spec, Context>): Promise<void>;
  /** Every minute on the active node. */
  periodic?(running: Running<State, Spec, Context>): Promise<void>;
  /** A key of the mount's view changed elsewhere. */
  invalidate?(key: string, running: Running<State, Spec, Context>): void;
  stop?(running: Running<State, Spec, Context>): void;
  /** Beside what paths say of themselves. */
  readonly special?: Partial<SpecialPaths>;
  /** The prefix of OpenAPI operation ids; the type unless given. */
  readonly idPrefix?: string;
  /** It is the server's document that puts the tag on its operations; help shows none. */
  readonly untagged?: true;
  /** False: it is the server's document that puts the prefix there; help shows the ids without it. */
  readonly idPrefixInHelp?: false;
  /** Ids of operations that follow no rule. */
  readonly operationIds?: OperationIds;
  /** What operations answer; those that are not here answer 200 or, deleting, 204, and OpenAPI knows no more of them. */
  readonly responses?: Responses;
}

/** By the OpenAPI path, with a leading '/', and the method in lower case. */
export type OperationIds = Readonly<Record<string, Readonly<Record<string, string>>>>;

export class Engine<State, Spec, Context extends BackendContext> extends PathSet<State, Spec, Context> {
  readonly spec: EngineSpec<State, Spec, Context>;
  constructor(spec: EngineSpec<State, Spec, Context>) {
    super();
    this.spec = spec;
  }

  /** As it is where it is mounted: without the paths that are not configured there. */
  mountedIn(context: Context): Engine<State, Spec, Context> {
    const there = this.paths.filter(({ options: { when } }) => when === undefined || when(context as never));
    if (there.length === this.paths.length) return this;
    const engine = new Engine(this.spec);
    engine.paths.push(...there);
    return engine;
  }
}

/** Declares an engine; chain `.path(…)` on it. */
export const engine = <
  State = undefined,
  Spec extends object = StoreSpec,
  Context extends BackendContext = BackendContext,
>(
  spec: EngineSpec<State, Spec, Context>,
): Engine<State, Spec, Context> => new Engine(spec);
