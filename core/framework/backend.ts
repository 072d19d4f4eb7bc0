/** Brings a declaration to life: route → validate → run, with upstream's answers where a request does not fit. */
import type { JsonObject, JsonValue } from '../codec/json.ts';
import { compareText } from '../codec/bytes.ts';
import { failure, refuse, refuseAs, unsupportedOperation, unsupportedPath } from '../fault.ts';
import { ReadOnly } from '../storage/storage.ts';
import { Call, Running } from './call.ts';
import { CoercionError } from './coerce.ts';
import type { Engine, Path } from './engine.ts';
import { pathHelp, rootHelp } from './help.ts';
import type { ApiDocument, Backend, BackendContext, Request, Response, SpecialPaths } from './logical.ts';
import { describeBackend } from './openapi.ts';
import { toResponse } from './reply.ts';
import { RouteTable } from './routes.ts';
import { specialPaths } from './special-paths.ts';

/** Mounts a declaration. */
export function createBackend<State, Spec, Context extends BackendContext>(
  engine: Engine<State, Spec, Context>,
  context: Context,
): Backend {
  return new FrameworkBackend(engine.mountedIn(context), context);
}

class FrameworkBackend<State, Spec, Context extends BackendContext> implements Backend {
  readonly type: string;
  readonly special: SpecialPaths;
  readonly #engine: Engine<State, Spec, Context>;
  readonly #running: Running<State, Spec, Context>;
  readonly #routes: RouteTable;
  /** So that engines whose names have one spelling do not look for a request's path twice. */
  readonly #resolves: boolean;

  constructor(engine: Engine<State, Spec, Context>, context: Context) {
    this.type = engine.spec.type;
    this.#engine = engine;
    this.#running = new Running(engine.spec, context);
    this.#routes = new RouteTable(engine.paths);
    this.#resolves = engine.paths.some(({ options }) => options.resolve !== undefined);
    this.special = specialPaths(engine.paths, engine.spec.special);
  }

  async handle(request: Request): Promise<Response | undefined> {
    const { operation } = request;
    if (operation === 'renew' || operation === 'revoke') return this.#lease(request, operation);
    if (operation === 'rollback') {
      await this.periodic();
      return undefined;
    }
    if (operation === 'help' && request.path === '') return rootHelp(this.#engine, this.#version());
    const found = this.#routes.find(request.path);
    if (found === undefined) throw unsupportedPath();
    const { path, captured } = found;
    const spec = path.operations.get(operation);
    if (spec === undefined) {
      if (operation === 'help') return pathHelp(this.#engine, path, request.path, this.#version());
      throw unsupportedOperation();
    }
    if (spec.forward === true && request.standby) throw new ReadOnly();
    let input: JsonObject;
    try {
      input = readInput(path, captured, request.data);
    } catch (error) {
      throw error instanceof CoercionError ? refuseAs('', `Field validation failed: ${error.message}`) : error;
    }
    const response = toResponse(await spec.run(input, new Call(request, this.#running)));
    // Upstream has already printed a response with a status of its own, so that a warning comes too late.
    if (response !== undefined && response.status === undefined) {
      warnOfUnused(path, captured, request.data, response);
    }
    return response;
  }

  async exists(request: Request): Promise<boolean | undefined> {
    const found = this.#routes.find(request.path);
    const options = found?.path.options;
    if (found === undefined || options?.exists === undefined) return undefined;
    let input: JsonObject;
    try {
      input = readInput(found.path, found.captured, request.data);
    } catch (error) {
      throw error instanceof CoercionError ? refuse(error.message) : error;
    }
    return options.exists(input, new Call(request, this.#running));
  }

  resolve(asked: string, data: JsonObject): string | undefined {
    if (!this.#resolves) return undefined;
    const found = this.#routes.find(asked);
    const resolve = found?.path.options.resolve;
    if (found === undefined || resolve === undefined) return undefined;
    try {
      const end = asked.endsWith('/') ? '/' : '';
      const path = asked.slice(0, asked.length - end.length);
      return resolve(readInput(found.path, found.captured, data), path) + end;
    } catch (error) {
      // What is wrong in it is told when it is carried out.
      if (error instanceof CoercionError) return undefined;
      throw error;
    }
  }

  async initialize(): Promise<void> {
    await this.#engine.spec.initialize?.(this.#running);
  }

  async periodic(): Promise<void> {
    await this.#engine.spec.periodic?.(this.#running);
  }

  invalidate(key: string): void {
    this.#engine.spec.invalidate?.(key, this.#running);
  }

  stop(): void {
    this.#engine.spec.stop?.(this.#running);
  }

  openapi(): ApiDocument {
    return describeBackend(this.#engine, this.#version(), this.#running.context.mount.type);
  }

  #version(): string {
    return this.#running.context.version ?? '2.7.2';
  }

  async #lease(request: Request, operation: 'renew' | 'revoke'): Promise<Response | undefined> {
    const { spec } = this.#engine;
    const call = new Call(request, this.#running);
    if (operation === 'renew' && request.auth !== undefined) {
      if (spec.renewAuth === undefined) throw refuse("this auth type doesn't support renew");
      return toResponse(await spec.renewAuth(call));
    }
    if (request.secret === undefined) throw failure('request has no secret');
    const type = request.secret.internal['secret_type'];
    const declared =
      typeof type === 'string' && spec.secrets !== undefined && Object.hasOwn(spec.secrets, type)
        ? spec.secrets[type]
        : undefined;
    if (declared === undefined) throw failure('secret is unsupported by this backend');
    if (declared[operation] === undefined) throw unsupportedOperation();
    return toResponse(await declared[operation](call));
  }
}

/** The URL has priority over the body. Every sent field is converted, so that all of them are valid or none is used. */
function readInput(path: Path, captured: readonly string[], data: JsonObject): JsonObject {
  const input: Record<string, unknown> = {};
  const { names, fields, sources } = path;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const field = fields[i]!;
    const source = sources[i]!;
    const raw: JsonValue | undefined =
      source >= 0 ? captured[source] : Object.hasOwn(data, name) ? data[name] : undefined;
    let value: unknown;
    if (raw !== undefined) {
      try {
        value = field.decode(raw, name);
      } catch (error) {
        if (!(error instanceof CoercionError)) throw error;
        throw new CoercionError(`error converting input for field "${name}": ${error.message}`);
      }
    }
    input[name] = value === undefined ? field.fallback : value;
  }
  for (const { name, index } of path.extra) input[name] = captured[index]!;
  return input as JsonObject;
}

function warnOfUnused(path: Path, captured: readonly string[], data: JsonObject, response: Response): void {
  let ignored: string[] | undefined;
  if (path.options.anyInput !== true) {
    for (const key of Object.keys(data)) if (!path.index.has(key)) (ignored ??= []).push(key);
  }
  let replaced: string[] | undefined;
  if (captured.length > 0) {
    for (const name of path.pattern.captures) {
      if (Object.hasOwn(data, name) && data[name] !== null) (replaced ??= []).push(name);
    }
  }
  if (ignored === undefined && replaced === undefined) return;
  const warnings = [...(response.warnings ?? [])];
  if (ignored !== undefined) {
    warnings.push(`Endpoint ignored these unrecognized parameters: [${ignored.sort(compareText).join(' ')}]`);
  }
  if (replaced !== undefined) {
    const names = replaced.join(' ');
    warnings.push(
      `Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [${names}]`,
    );
  }
  response.warnings = warnings;
}
