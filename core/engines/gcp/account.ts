/** Accounts at Google that credentials are made for: `roleset/<name>`, `static-account/<name>`, `impersonated-account/<name>`. */
import { asObject, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import type { Form } from '../../framework/collection.ts';
import type { Bindings } from './bindings.ts';

export type SecretType = 'access_token' | 'service_account_key';

/** The key that an account's tokens are signed with. */
export interface TokenKey {
  /** projects/…/serviceAccounts/…/keys/… */
  readonly name: string;
  /** The file, in base64 as Google gives it. */
  readonly file: string;
}

export interface GcpAccount {
  readonly secretType: SecretType;
  readonly project: string;
  readonly email: string;
  /** As they were sent; '' for none. */
  readonly rawBindings: string;
  readonly bindings: Bindings;
  readonly scopes: readonly string[];
  /** Only where tokens are made. */
  readonly tokenKey: TokenKey | undefined;
}

export const accountForm: Form<GcpAccount> = {
  encode: (account) =>
    new Map<string, JsonValue>([
      ['SecretType', account.secretType],
      ['RawBindings', account.rawBindings],
      ['Bindings', bindingsShown(account.bindings)],
      [
        'AccountId',
        new Map([
          ['Project', account.project],
          ['EmailOrId', account.email],
        ]),
      ],
      [
        'TokenGen',
        account.tokenKey === undefined
          ? null
          : new Map<string, JsonValue>([
              ['KeyName', account.tokenKey.name],
              ['B64KeyJSON', account.tokenKey.file],
              ['Scopes', [...account.scopes]],
            ]),
      ],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const id = asObject(fields['AccountId']) ?? {};
    const tokens = asObject(fields['TokenGen']);
    const pairs = Object.entries(asObject(fields['Bindings']) ?? {});
    return {
      secretType: fields['SecretType'] === 'service_account_key' ? 'service_account_key' : 'access_token',
      project: asString(id['Project']) ?? '',
      email: asString(id['EmailOrId']) ?? '',
      rawBindings: asString(fields['RawBindings']) ?? '',
      bindings: new Map(pairs.map(([resource, roles]) => [resource, asStrings(roles) ?? []] as const)),
      scopes: asStrings(tokens?.['Scopes']) ?? [],
      tokenKey: tokens && { name: asString(tokens['KeyName']) ?? '', file: asString(tokens['B64KeyJSON']) ?? '' },
    };
  },
};

export const bindingsShown = (bindings: Bindings): JsonObject =>
  Object.fromEntries([...bindings].map(([resource, roles]) => [resource, [...roles]]));

/** Without anything of it that is secret. */
export const shownAccount = ({ secretType, project, email, bindings, scopes, tokenKey }: GcpAccount): JsonObject => ({
  secret_type: secretType,
  service_account_email: email,
  service_account_project: project,
  ...(bindings.size === 0 ? {} : { bindings: bindingsShown(bindings) }),
  ...(tokenKey === undefined
    ? {}
    : { token_scopes: [...scopes], private_key_id: tokenKey.name.split('/').at(-1) ?? '' }),
});

export interface ImpersonatedAccount {
  readonly email: string;
  readonly project: string;
  readonly scopes: readonly string[];
  /** Seconds. */
  readonly ttl: number;
}

export const impersonatedForm: Form<ImpersonatedAccount> = {
  encode: ({ email, project, scopes, ttl }) =>
    new Map<string, JsonValue>([
      ['EmailOrId', email],
      ['Project', project],
      ['TokenScopes', [...scopes]],
      ['Ttl', ttl],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const ttl = fields['Ttl'];
    return {
      email: asString(fields['EmailOrId']) ?? '',
      project: asString(fields['Project']) ?? '',
      scopes: asStrings(fields['TokenScopes']) ?? [],
      ttl: typeof ttl === 'number' ? ttl : 0,
    };
  },
};
