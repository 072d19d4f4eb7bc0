/** Roles: whom credentials are made for. A static role is about one user that is there already. */
import { asNumber, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import type { Form } from '../../framework/collection.ts';
import type { Micros } from '../../runtime.ts';
import { type CredentialType, credentialTypes } from './credential.ts';
import type { Statements } from './statements.ts';

export interface StaticAccount {
  readonly username: string;
  readonly password: string;
  /** Wall; 0: never. */
  readonly lastRotation: Micros;
  readonly rotationPeriod: Micros;
}

export interface Role {
  readonly dbName: string;
  readonly statements: Statements;
  /** 0: the mount's. */
  readonly defaultTtl: Micros;
  readonly maxTtl: Micros;
  readonly credentialType: CredentialType;
  /** Undefined where nothing was ever set. */
  readonly credentialConfig?: JsonObject | undefined;
  readonly account?: StaticAccount | undefined;
}

export interface StaticRole extends Role {
  readonly account: StaticAccount;
}

const NANOS = 1_000;
const NEVER = '0001-01-01T00:00:00Z';

export const roleForm: Form<Role> = {
  encode: ({ dbName, statements, defaultTtl, maxTtl, credentialType, credentialConfig, account }) =>
    new Map<string, JsonValue>([
      ['db_name', dbName],
      ['statements', { ...statements }],
      ['default_ttl', defaultTtl * NANOS],
      ['max_ttl', maxTtl * NANOS],
      ['credential_type', credentialTypes.indexOf(credentialType)],
      ['credential_config', credentialConfig ?? null],
      ['static_account', account === undefined ? null : encodeAccount(account)],
    ]),
  decode(stored) {
    const fields = isObject(stored) ? stored : {};
    const statements = asObject(fields['statements']) ?? {};
    const list = (name: keyof Statements): readonly string[] => asStrings(statements[name]) ?? [];
    const account = asObject(fields['static_account']);
    return {
      dbName: asString(fields['db_name']) ?? '',
      statements: {
        creation: list('creation'),
        revocation: list('revocation'),
        rollback: list('rollback'),
        renewal: list('renewal'),
        rotation: list('rotation'),
      },
      defaultTtl: (asNumber(fields['default_ttl']) ?? 0) / NANOS,
      maxTtl: (asNumber(fields['max_ttl']) ?? 0) / NANOS,
      credentialType: credentialTypes[asNumber(fields['credential_type']) ?? 0] ?? 'password',
      credentialConfig: asObject(fields['credential_config']),
      account: account === undefined ? undefined : decodeAccount(account),
    };
  },
};

const encodeAccount = ({ username, password, lastRotation, rotationPeriod }: StaticAccount): JsonObject => ({
  username,
  password,
  last_vault_rotation: lastRotation === 0 ? NEVER : formatRfc3339(lastRotation),
  rotation_period: rotationPeriod * NANOS,
});

const decodeAccount = (fields: JsonObject): StaticAccount => ({
  username: asString(fields['username']) ?? '',
  password: asString(fields['password']) ?? '',
  lastRotation: Math.max(0, parseRfc3339(asString(fields['last_vault_rotation']) ?? '') ?? 0),
  rotationPeriod: (asNumber(fields['rotation_period']) ?? 0) / NANOS,
});
