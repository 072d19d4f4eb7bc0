/** `cel/login`: a token for one of ours, as the program of a role says. */
import { goType } from '../../cel/go-type.ts';
import { nativeJson } from '../../cel/native.ts';
import { CelProgramError } from '../../cel/program.ts';
import { fromJson, Message, Timestamp } from '../../cel/values.ts';
import type { CelValue } from '../../cel/values.ts';
import { JsonError, parse } from '../../codec/json.ts';
import type { JsonObject } from '../../codec/json.ts';
import { asNumber, asObject, asString, asStringMap, asStrings, asList, asBoolean } from '../../codec/json-fields.ts';
import { Fault, refuse } from '../../fault.ts';
import { paths } from '../../framework/engine.ts';
import type { Alias, Auth } from '../../framework/logical.ts';
import type { Answer } from '../../framework/reply.ts';
import { reply } from '../../framework/reply.ts';
import { fromNanos, parseAddresses, TOKEN_TYPES } from '../../framework/token-params.ts';
import type { Claims } from './claims.ts';
import type { CelRole } from './cel-role.ts';
import { compileProgram } from './cel-role.ts';
import { configured, loginFields, noRole, resolveRole, roleNameOf, verifiedClaims } from './login.ts';
import type { LoginInput } from './login.ts';
import type { JwtCall, JwtMemory, storage } from './memory.ts';
import { leewaysOf } from './role.ts';

/** The message that the program gives. */
function run(name: string, role: CelRole, claims: Claims, call: JwtCall): Message {
  const fail = (why: string): Fault => refuse(`error executing cel program: ${why}`);
  let value: CelValue;
  try {
    value = compileProgram(role.program).run(
      new Map<string, CelValue>([
        ['claims', fromJson(claims, false)],
        ['now', new Timestamp(BigInt(call.now()) * 1_000n)],
        ['operation', call.request.operation],
      ]),
    );
  } catch (error) {
    throw error instanceof CelProgramError ? fail(`CEL auth program failed: ${error.message}`) : error;
  }
  if (value === false) throw fail(`CEL role '${name}' blocked authorization with boolean false return`);
  if (typeof value === 'string') throw fail(`CEL role '${name}' blocked authorization with message: ${value}`);
  if (value instanceof Message && value.type === 'pb.Auth') return value;
  throw fail(`CEL program '${name}' returned unexpected type: ${goType(value)}`);
}

/** Texts of Go's protobuf library have a space that breaks no line. */
const NO_TIME = 'proto:\u00a0invalid nil Timestamp';

function internalOf(text: string): JsonObject {
  if (text === '') return {};
  try {
    return asObject(parse(text)) ?? {};
  } catch (error) {
    throw error instanceof JsonError ? convertError(error.message) : error;
  }
}

const convertError = (why: string): Fault => refuse(`error converting proto auth: ${why}`);

function aliasOf(value: JsonObject, { mount }: JwtCall): Alias {
  const metadata = asStringMap(value['metadata']);
  return {
    name: asString(value['name']) ?? '',
    mountAccessor: mount.accessor,
    mountType: mount.type,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function authOf(message: Message, call: JwtCall): Auth {
  const auth = asObject(nativeJson(message)) ?? {};
  const lease = asObject(auth['lease_options']);
  if (lease !== undefined && lease['issue_time'] === undefined) throw convertError(NO_TIME);
  let boundCidrs: string[];
  try {
    boundCidrs = parseAddresses(asStrings(auth['bound_cidrs']) ?? []);
  } catch (error) {
    throw error instanceof Fault ? convertError(error.message) : error;
  }
  const alias = asObject(auth['alias']);
  const groups = asList(auth['group_aliases']) ?? [];
  return {
    ttl: fromNanos(lease?.['TTL']),
    maxTtl: fromNanos(lease?.['MaxTTL']),
    renewable: asBoolean(lease?.['renewable']) ?? false,
    internal: internalOf(asString(auth['internal_data']) ?? ''),
    displayName: asString(auth['display_name']) ?? '',
    policies: asStrings(auth['policies']) ?? [],
    metadata: asStringMap(auth['metadata']) ?? {},
    noDefaultPolicy: asBoolean(auth['no_default_policy']) ?? false,
    numUses: asNumber(auth['num_uses']) ?? 0,
    period: fromNanos(auth['period']),
    explicitMaxTtl: fromNanos(auth['explicit_max_ttl']),
    // Upstream's number is a byte, and whatever is no type is a batch token.
    tokenType: TOKEN_TYPES[(asNumber(auth['token_type']) ?? 0) % 256] ?? 'batch',
    boundCidrs,
    ...(alias === undefined ? {} : { alias: aliasOf(alias, call) }),
    groupAliases: groups.map((group) => asString(asObject(group)?.['name']) ?? ''),
  };
}

async function logIn(input: LoginInput, call: JwtCall): Promise<Answer> {
  const config = await configured(call);
  const name = roleNameOf(input, config);
  const role = await call.store.celRoles.get(name);
  if (role === undefined) throw noRole(name);
  if (input.jwt === '') throw refuse('missing token');
  const expected = { subject: '', audiences: role.boundAudiences, leeways: leewaysOf(role) };
  const claims = await verifiedClaims(input.jwt, config, expected, call);
  return reply({ auth: authOf(run(name, role, claims, call), call) });
}

export const celLoginPaths = paths<JwtMemory, typeof storage>().path(
  'cel/login',
  'Log in with a signed token, by the program of a role.',
  loginFields,
  {
    update: { run: logIn },
    'alias-lookahead': { run: logIn },
    'resolve-role': { run: (input, call) => resolveRole(input, call.store.celRoles, call) },
  },
  {
    unauthenticated: 'cel/login',
    id: { verb: 'login' },
    help: 'The answer holds the token that the program describes.',
  },
);
