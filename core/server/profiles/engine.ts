/**
 * Runs the requests of a workflow or of a self-initialisation one after the other (upstream's profile engine). What
 * they are made of may come from requests before them; the first that fails ends the run, unless it may fail.
 */
import { Fault } from '../../fault.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { CoercionError } from '../../framework/coerce.ts';
import type { Operation, Request, Response } from '../../framework/logical.ts';
import type { TemplateWorld } from '../../codec/go-template/upstream-functions.ts';
import type { Document, FlowBlock, InputField, RequestBlock } from './document.ts';
import { History } from './history.ts';
import { inputTypes } from './input-types.ts';
import { SourceError } from './sources.ts';
import type { Input, Outer, Outside, Sources } from './sources.ts';
import { evaluate } from './values.ts';
import { WeakDecodeError, weakBool, weakHeaders, weakMap, weakText } from './weak-decode.ts';

/** The run failed; `status` is that of the request that did. */
export class ProfileError extends Error {
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.name = 'ProfileError';
    this.status = status;
  }
}

/** A request as the workflow describes it. */
export type ProfileRequest = Pick<Request, 'id' | 'path' | 'data' | 'clientToken' | 'headers'> & {
  readonly operation: string;
};

export interface ProfileOptions {
  readonly document: Document;
  /** What its blocks are called. */
  readonly outer: Outer;
  /** What only the machine's owner may ask for. */
  readonly outside?: Outside;
  /** What was sent to run it, with the names that the path itself has. */
  readonly input: JsonObject;
  readonly reserved: readonly string[];
  readonly token: string;
  /** Before the names in a request's id; '' for nothing. */
  readonly id: string;
  readonly world: TemplateWorld;
  /** Makes a request; throws Fault. */
  send(request: ProfileRequest): Promise<{ readonly request: Request; readonly response: Response | undefined }>;
}

const NAME = /^[A-Za-z_][\w-]*$/;

export class Profile {
  readonly #options: ProfileOptions;
  readonly #sources: Sources;

  /** Throws ProfileError. */
  constructor(options: ProfileOptions) {
    const { flows, input } = options.document;
    refuseTwins(flows);
    this.#options = options;
    this.#sources = {
      history: new History(),
      input: input === undefined ? undefined : readInput(input, options),
      world: options.world,
      outer: options.outer,
      outside: options.outside,
    };
  }

  get history(): History {
    return this.#sources.history;
  }

  /** Throws ProfileError. */
  async run(): Promise<void> {
    const { outer, document } = this.#options;
    for (const [f, flow] of document.flows.entries()) {
      if (flow.when !== undefined && !this.#get('when', flow.when, weakBool)) continue;
      for (const [r, block] of flow.requests.entries()) {
        try {
          await this.#request(flow, block, `${outer}[${f}].${flow.name}.request[${r}].${block.name}`);
        } catch (error) {
          if (!(error instanceof ProfileError)) throw error;
          const where = `${outer}.[${flow.name} (${f})]: request.[${block.name} (${r})]`;
          throw new ProfileError(`${where}: ${error.message}`, error.status);
        }
      }
    }
  }

  /** What the workflow answers with. Throws ProfileError. */
  output(): JsonObject | undefined {
    return evaluated('failed to evaluate output data', () =>
      weakMap(evaluate(this.#options.document.output?.data ?? null, this.#sources), true),
    );
  }

  async #request(flow: FlowBlock, block: RequestBlock, name: string): Promise<void> {
    const { request, allowFailure, when } = this.#build(block, name);
    if (!when) {
      this.history.addRequest(flow.name, block.name, unsent(request));
      return;
    }
    try {
      const { request: sent, response } = await this.#options.send(request);
      this.history.addRequest(flow.name, block.name, sent);
      this.history.addResponse(flow.name, block.name, response);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.history.addRequest(flow.name, block.name, unsent(request));
      if (!allowFailure) throw new ProfileError(`failed to evaluate request: ${error.message}`, error.status);
    }
  }

  #get<T>(where: string, value: JsonValue, decode: (value: JsonValue) => T): T {
    return evaluated(where, () => decode(evaluate(value, this.#sources)));
  }

  #build(block: RequestBlock, name: string): { request: ProfileRequest; allowFailure: boolean; when: boolean } {
    const get = <T>(what: string, value: JsonValue, decode: (value: JsonValue) => T): T =>
      this.#get(`in building request: failed to evaluate ${what}`, value, decode);
    const operation = get('operation', block.operation, (value) => weakText(value, 'logical.Operation'));
    const path = get('path', block.path, (value) => weakText(value));
    const { token } = block;
    const clientToken = token === undefined ? this.#options.token : get('token', token, (value) => weakText(value));
    const data = get('data', block.data, (value) => weakMap(value)) ?? {};
    const headers = get('data', block.headers, weakHeaders);
    const allowFailure = get('allow failure', block.allowFailure, weakBool);
    const when = block.when === undefined || get('when', block.when, weakBool);
    return {
      request: { id: [this.#options.id, name].filter(Boolean).join('.'), operation, path, clientToken, data, headers },
      allowFailure,
      when,
    };
  }
}

function evaluated<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SourceError) && !(error instanceof WeakDecodeError)) throw error;
    throw new ProfileError(`${where}: ${error.message}`);
  }
}

const unsent = (request: ProfileRequest): Request => request as unknown as Request;

function refuseTwins(flows: readonly FlowBlock[]): void {
  // A lone flow needs no name.
  if (flows.length > 1) {
    checkUnique(
      flows,
      (at) => `outer block at index ${at} has empty name`,
      (name) => `duplicate outer block name '${name}' found`,
    );
  }
  for (const { name, requests } of flows) {
    checkUnique(
      requests,
      (at) => `empty request name at index ${at} in outer block '${name}'`,
      (twin) => `duplicate request name '${twin}' in outer block '${name}'`,
    );
    for (const request of requests) {
      if (NAME.test(request.name)) continue;
      const text = `request in block '${name}' name '${request.name}' is invalid`;
      throw new ProfileError(`${text}: must start with a letter or underscore and contain only letters, digits`);
    }
  }
}

function checkUnique(
  blocks: readonly { readonly name: string }[],
  empty: (at: number) => string,
  twin: (name: string) => string,
): void {
  const seen = new Map<string, number>();
  for (const [at, { name }] of blocks.entries()) {
    if (name === '') throw new ProfileError(empty(at));
    const before = seen.get(name);
    if (before !== undefined) throw new ProfileError(`${twin(name)} at indices ${before} and ${at}`);
    seen.set(name, at);
  }
}

/** All that was sent is checked before anything runs. */
function readInput(fields: readonly InputField[], { input, reserved }: ProfileOptions): Input {
  const values = new Map<string, JsonValue>();
  const known = new Set(reserved);
  for (const [i, { name }] of fields.entries()) {
    if (known.has(name)) {
      throw new ProfileError(`input.fields.${i} [named "${name}"] already present in request schema`);
    }
    known.add(name);
  }
  for (const { name, type, fallback } of fields) {
    const { field, zero, shown } = inputTypes[type]!;
    const sent = Object.hasOwn(input, name) ? input[name]! : undefined;
    let value: unknown;
    try {
      value = sent === undefined ? undefined : field.decode(sent, name);
    } catch (error) {
      if (!(error instanceof CoercionError)) throw error;
      const text = `error converting input for field "${name}": ${error.message}`;
      throw new ProfileError(`failed input schema validation: ${text}`);
    }
    const own = value === undefined ? undefined : shown === undefined ? (value as JsonValue) : shown(value);
    values.set(name, own ?? fallback ?? zero);
  }
  for (const { name, required } of fields) {
    if (required && !Object.hasOwn(input, name)) {
      throw new ProfileError(`failed input validation: missing required field "${name}"`);
    }
  }
  return { raw: input, get: (name) => values.get(name) };
}

const OPERATIONS: ReadonlySet<string> = new Set<Operation>([
  'create',
  'read',
  'update',
  'delete',
  'list',
  'scan',
  'patch',
  'header',
  'help',
]);

/** Whether a client may ask for it; the others are the server's own. */
export const isClientOperation = (operation: string): operation is Operation => OPERATIONS.has(operation);
