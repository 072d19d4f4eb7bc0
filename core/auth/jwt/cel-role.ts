/** Roles that are a program: `cel/role/<name>`. */
import { assert } from '../../assert.ts';
import { CelEnv } from '../../cel/environment.ts';
import { CelProgram } from '../../cel/program.ts';
import type { JsonValue } from '../../codec/json.ts';
import { isObject } from '../../codec/json.ts';
import { asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { addRoleFunctions } from '../../framework/cel-functions.ts';
import { shownProgram, storedProgram, type StoredProgram } from '../../framework/cel-program.ts';
import { collection } from '../../framework/collection.ts';
import { fromNanos, nanos } from '../../framework/token-params.ts';
import type { Micros } from '../../runtime.ts';

export interface CelRole {
  readonly program: StoredProgram;
  readonly message: string;
  readonly expirationLeeway: Micros;
  readonly notBeforeLeeway: Micros;
  readonly clockSkewLeeway: Micros;
  readonly boundAudiences: readonly string[];
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
      program: storedProgram(asObject(stored['cel_program']) ?? {}),
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
export const compileProgram = ({ variables, expression }: StoredProgram): CelProgram =>
  new CelProgram(
    new CelEnv({
      variables: { claims: 'map(string, dyn)', now: 'timestamp', operation: 'string' },
      messages: MESSAGES,
      functions: addRoleFunctions,
    }),
    variables,
    expression,
  );
