/** Roles that are a program: `cel/role/<name>`. */
import { assert } from '../../assert.ts';
import { CelEnv } from '../../cel/environment.ts';
import { CelProgram } from '../../cel/program.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asList, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { collection } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export interface Program {
  /** Undefined: never given. */
  readonly variables: readonly { readonly name: string; readonly expression: string }[] | undefined;
  readonly expression: string;
}

export interface CelRole {
  readonly program: Program;
  readonly message: string;
  readonly expirationLeeway: Micros;
  readonly notBeforeLeeway: Micros;
  readonly clockSkewLeeway: Micros;
  readonly boundAudiences: readonly string[];
}

/** As it prints, in upstream's order. */
export const shownProgram = ({ variables, expression }: Program): ReadonlyMap<string, JsonValue> =>
  new Map<string, JsonValue>([
    ...(variables === undefined || variables.length === 0
      ? []
      : [
          [
            'variables',
            variables.map((one) => new Map([['name', one.name] as const, ['expression', one.expression] as const])),
          ] as const,
        ]),
    ['expression', expression],
  ]);

function programOf(stored: JsonObject): Program {
  const variables = asList(stored['variables'])?.filter(isObject);
  return {
    variables: variables?.map((one) => ({
      name: asString(one['name']) ?? '',
      expression: asString(one['expression']) ?? '',
    })),
    expression: asString(stored['expression']) ?? '',
  };
}

export const celRoles = collection<CelRole>('cel/role/', {
  encode: (role) =>
    new Map<string, JsonValue>([
      ['cel_program', shownProgram(role.program)],
      ...(role.message === '' ? [] : [['message', role.message] as const]),
      ['expiration_leeway', nanos(role.expirationLeeway)],
      ['not_before_leeway', nanos(role.notBeforeLeeway)],
      ['clock_skew_leeway', nanos(role.clockSkewLeeway)],
      ['bound_audiences', role.boundAudiences],
    ]),
  decode: (stored) => {
    assert(isObject(stored), 'a stored role is an object');
    return {
      program: programOf(asObject(stored['cel_program']) ?? {}),
      message: asString(stored['message']) ?? '',
      expirationLeeway: fromNanos(stored['expiration_leeway']),
      notBeforeLeeway: fromNanos(stored['not_before_leeway']),
      clockSkewLeeway: fromNanos(stored['clock_skew_leeway']),
      boundAudiences: asStrings(stored['bound_audiences']) ?? [],
    };
  },
});

/** Upstream's protobuf of an auth (sdk/plugin/pb, sdk/logical). */
const MESSAGES = {
  'pb.Auth': {
    lease_options: 'pb.LeaseOptions',
    internal_data: 'string',
    display_name: 'string',
    policies: 'list(string)',
    metadata: 'map(string, string)',
    client_token: 'string',
    accessor: 'string',
    period: 'int',
    num_uses: 'int',
    entity_id: 'string',
    alias: 'logical.Alias',
    group_aliases: 'list(logical.Alias)',
    bound_cidrs: 'list(string)',
    token_policies: 'list(string)',
    identity_policies: 'list(string)',
    explicit_max_ttl: 'int',
    token_type: 'uint',
    no_default_policy: 'bool',
  },
  'pb.LeaseOptions': {
    TTL: 'int',
    renewable: 'bool',
    increment: 'int',
    issue_time: 'timestamp',
    MaxTTL: 'int',
  },
  'logical.Alias': {
    mount_type: 'string',
    mount_accessor: 'string',
    name: 'string',
    metadata: 'map(string, string)',
    id: 'string',
    namespace_id: 'string',
    custom_metadata: 'map(string, string)',
    local: 'bool',
  },
};

/** Ready to run over claims. Throws CelProgramError. */
export const compileProgram = ({ variables = [], expression }: Program): CelProgram =>
  new CelProgram(
    new CelEnv({
      variables: { claims: 'map(string, dyn)', now: 'timestamp', operation: 'string' },
      messages: MESSAGES,
    }),
    variables,
    expression,
  );
