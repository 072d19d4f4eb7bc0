/** MFA methods and where logins have to pass them. Durations in seconds. */
import type { OtpAlgorithm } from '../../../crypto/otp.ts';

export type MfaType = 'totp' | 'duo' | 'okta' | 'pingid';

export interface TotpSettings {
  readonly type: 'totp';
  readonly issuer: string;
  readonly period: number;
  readonly algorithm: OtpAlgorithm;
  readonly digits: number;
  readonly skew: number;
  readonly keySize: number;
  readonly qrSize: number;
  readonly maxAttempts: number;
}

export interface DuoSettings {
  readonly type: 'duo';
  readonly integrationKey: string;
  readonly secretKey: string;
  readonly apiHostname: string;
  readonly pushInfo: string;
  readonly usePasscode: boolean;
}

export interface OktaSettings {
  readonly type: 'okta';
  readonly orgName: string;
  readonly apiToken: string;
  /** '': as `production` says. */
  readonly baseUrl: string;
  readonly production: boolean;
  readonly primaryEmail: boolean;
}

export interface PingIdSettings {
  readonly type: 'pingid';
  readonly useBase64Key: string;
  readonly useSignature: boolean;
  readonly token: string;
  readonly idpUrl: string;
  readonly orgAlias: string;
  readonly adminUrl: string;
  readonly authenticatorUrl: string;
}

export type MfaSettings = TotpSettings | DuoSettings | OktaSettings | PingIdSettings;

export interface MfaMethod {
  readonly id: string;
  readonly name: string;
  readonly usernameFormat: string;
  readonly namespaceId: string;
  readonly settings: MfaSettings;
}

/** A method and where it was made. */
export interface PlacedMethod {
  readonly method: MfaMethod;
  /** '' is root. */
  readonly namespacePath: string;
}

export interface Enforcement {
  readonly id: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly methodIds: readonly string[];
  readonly accessors: readonly string[];
  readonly types: readonly string[];
  readonly groupIds: readonly string[];
  readonly entityIds: readonly string[];
}

/** The server keeps them below sys/, outside of the identity mount. Reads are right after `ready`. */
export interface MfaStore {
  uuid(): string;
  /** Of the namespace; '' is root. */
  readonly namespacePath: string;
  ready(): Promise<void>;
  /** By id, in order. */
  methods(): readonly MfaMethod[];
  method(id: string): MfaMethod | undefined;
  /** In whatever namespace. */
  find(id: string): Promise<PlacedMethod | undefined>;
  /** Those of the namespace and of all above it, by id. */
  usable(): Promise<readonly PlacedMethod[]>;
  putMethod(method: MfaMethod): Promise<void>;
  deleteMethod(id: string): Promise<void>;
  enforcements(): readonly Enforcement[];
  enforcement(name: string): Enforcement | undefined;
  /** Of whatever namespace, one that asks for the method. */
  enforcing(methodId: string): Promise<Enforcement | undefined>;
  putEnforcement(enforcement: Enforcement): Promise<void>;
  deleteEnforcement(name: string): Promise<void>;
  /** In base32. */
  totpKey(methodId: string, entityId: string): Promise<string | undefined>;
  putTotpKey(methodId: string, entityId: string, key: string): Promise<void>;
  deleteTotpKey(methodId: string, entityId: string): Promise<void>;
  /** Whether there is an auth mount of this type. */
  hasAuthType(type: string): boolean;
}
