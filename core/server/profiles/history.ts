/** What a run asked and was answered, in the shape that Go prints its structs in; later requests refer to it. */
import { emptyObject, isObject, jsonObject, sortedKeys } from '../../codec/json.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { encodeBase64 } from '../../codec/base64.ts';
import { formatRfc3339 } from '../../codec/rfc3339.ts';
import { quote } from '../../codec/go-quote.ts';
import type { Auth, Request, Response, TokenType } from '../../framework/logical.ts';
import { goType } from '../../framework/coerce.ts';

/** A reference leads nowhere. */
export class ReferenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReferenceError';
  }
}

type Blocks = Map<string, Map<string, JsonObject | null>>;

export class History {
  readonly #requests: Blocks = new Map();
  readonly #responses: Blocks = new Map();

  addRequest(flow: string, name: string, request: Request): void {
    put(this.#requests, flow, name, requestJson(request));
  }

  addResponse(flow: string, name: string, response: Response | undefined): void {
    put(this.#responses, flow, name, response === undefined ? null : responseJson(response));
  }

  requests(): JsonValue {
    return blocksJson(this.#requests);
  }

  responses(): JsonValue {
    return blocksJson(this.#responses);
  }

  /** Throws ReferenceError. */
  find(kind: 'request' | 'response', flow: string, name: string, selector: JsonValue): JsonValue {
    const blocks = kind === 'request' ? this.#requests : this.#responses;
    if (blocks.size === 0) throw new ReferenceError('no values written');
    const block = blocks.get(flow);
    if (block === undefined) throw new ReferenceError(`missing outer block '${flow}'`);
    if (!block.has(name)) throw new ReferenceError(`in outer block '${flow}': missing inner block '${name}'`);
    const steps = Array.isArray(selector) ? (selector as readonly JsonValue[]) : [selector];
    try {
      return steps.reduce<JsonValue>(select, block.get(name)!);
    } catch (error) {
      if (error instanceof ReferenceError) throw new ReferenceError(`error resolving field: ${error.message}`);
      throw error;
    }
  }
}

function select(value: JsonValue, step: JsonValue, depth: number): JsonValue {
  if (typeof step === 'string') {
    // What was answered with nothing is a map without keys.
    const object = depth === 0 && value === null ? emptyObject() : value;
    if (!isObject(object)) throw misplaced(value, quote(step), depth, 'map[string]any');
    if (Object.hasOwn(object, step)) return object[step]!;
    const keys = sortedKeys(object).join(' ');
    throw new ReferenceError(`field ${quote(step)} at depth ${depth} is missing:\n\tavailable keys: [${keys}]`);
  }
  if (typeof step === 'number' && Number.isInteger(step)) {
    if (!Array.isArray(value)) throw misplaced(value, String(step), depth, '[]any');
    const item = (value as readonly JsonValue[])[step];
    if (item === undefined) throw new ReferenceError(`selector (${step}) out of bounds at depth ${depth}`);
    return item;
  }
  const type = typeof step === 'number' ? 'float64' : goType(step);
  throw new ReferenceError(`unknown type for selector ${type} at depth ${depth}; expected int or string`);
}

const misplaced = (value: JsonValue, step: string, depth: number, wanted: string): ReferenceError =>
  new ReferenceError(
    `object at depth ${depth} (selector ${step}) was of wrong type: ${goType(value)} (expected ${wanted})`,
  );

function put(blocks: Blocks, flow: string, name: string, value: JsonObject | null): void {
  const block = blocks.get(flow) ?? new Map<string, JsonObject | null>();
  blocks.set(flow, block.set(name, value));
}

const blocksJson = (blocks: Blocks): JsonValue =>
  blocks.size === 0
    ? null
    : jsonObject(Object.fromEntries([...blocks].map(([flow, block]) => [flow, jsonObject(Object.fromEntries(block))])));

function requestJson(request: Request): JsonObject {
  return {
    ClientTokenSource: 0,
    InboundSSCToken: '',
    auth: null,
    client_id: '',
    client_token: request.clientToken,
    client_token_accessor: '',
    client_token_remaining_uses: 0,
    connection: null,
    display_name: '',
    entity_id: '',
    headers: jsonObject(Object.fromEntries(request.headers)),
    id: request.id,
    map: Object.keys(request.data).length === 0 ? null : request.data,
    mfa_creds: emptyObject(),
    mount_accessor: '',
    mount_point: '',
    mount_type: '',
    operation: request.operation,
    path: request.path,
    policy_override: false,
    replication_cluster: '',
    secret: null,
    unauthenticated: false,
    wrap_info: null,
  };
}

export function responseJson({ data, raw, auth, secret, warnings, redirect, wrapInfo, headers }: Response): JsonObject {
  const body: JsonValue =
    raw === undefined
      ? data === undefined
        ? null
        : data
      : { http_content_type: raw.contentType, http_raw_body: encodeBase64(raw.body), http_status_code: raw.status };
  return {
    auth: auth === undefined ? null : authJson(auth),
    data: body,
    headers: headers === undefined ? null : jsonObject(headers),
    redirect: redirect ?? '',
    secret:
      secret === undefined
        ? null
        : {
            lease: secret.ttl * 1_000,
            lease_id: secret.leaseId ?? '',
            max_ttl: secret.maxTtl * 1_000,
            renewable: secret.renewable,
          },
    warnings: warnings ?? null,
    wrap_info:
      wrapInfo === undefined
        ? null
        : {
            accessor: wrapInfo.accessor,
            creation_path: wrapInfo.creationPath,
            creation_time: formatRfc3339(wrapInfo.creationTime),
            token: wrapInfo.token,
            ttl: wrapInfo.ttl * 1_000,
          },
  };
}

const TOKEN_TYPES: Readonly<Record<TokenType, number>> = {
  default: 0,
  service: 1,
  batch: 2,
  'default-service': 3,
  'default-batch': 4,
};

function authJson(auth: Auth): JsonObject {
  return {
    accessor: auth.accessor ?? '',
    alias:
      auth.alias === undefined
        ? null
        : { mount_accessor: auth.alias.mountAccessor, mount_type: auth.alias.mountType, name: auth.alias.name },
    bound_cidrs: auth.boundCidrs ?? null,
    client_token: auth.clientToken ?? '',
    creation_path: auth.creationPath ?? '',
    display_name: auth.displayName,
    entity_created: auth.entityCreated ?? false,
    entity_id: auth.entityId ?? '',
    explicit_max_ttl: auth.explicitMaxTtl ?? 0,
    external_namespace_policies: auth.alias === undefined ? null : emptyObject(),
    group_aliases: null,
    identity_policies: auth.identityPolicies ?? [],
    internal_data: null,
    lease: auth.ttl * 1_000,
    list_scan_response_keys_filter_path: '',
    max_ttl: auth.maxTtl * 1_000,
    metadata: Object.keys(auth.metadata).length === 0 ? null : { ...auth.metadata },
    mfa_requirement: auth.mfaRequirement ?? null,
    no_default_policy: auth.noDefaultPolicy ?? false,
    num_uses: auth.numUses ?? 0,
    orphan: auth.orphan ?? false,
    period: auth.period ?? 0,
    policies: auth.policies,
    policy_results: null,
    renewable: auth.renewable,
    token_policies: auth.tokenPolicies ?? [],
    token_type: TOKEN_TYPES[auth.tokenType],
  };
}
