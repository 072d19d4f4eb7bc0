/** What the `auth/token` paths ask of the server's token store; the store implements it, so that this room stays below it. */
import type { BackendContext, Request, Response } from '../../framework/logical.ts';
import type { Micros } from '../../runtime.ts';

/** The fields of `create`; durations are still texts, because an empty one differs from none. */
export interface CreateInput {
  readonly id: string;
  readonly policies: readonly string[];
  readonly meta: Readonly<Record<string, string>> | undefined;
  readonly noParent: boolean;
  readonly noDefaultPolicy: boolean;
  readonly lease: string;
  readonly ttl: string;
  readonly explicitMaxTtl: string;
  readonly period: string;
  readonly displayName: string;
  readonly numUses: number;
  readonly renewable: boolean;
  readonly type: string;
  readonly entityAlias: string;
}

/** The fields of a role as sent; undefined: not sent. Durations in micros. */
export interface RoleInput {
  readonly allowedPolicies: readonly string[] | undefined;
  readonly disallowedPolicies: readonly string[] | undefined;
  readonly allowedPoliciesGlob: readonly string[] | undefined;
  readonly disallowedPoliciesGlob: readonly string[] | undefined;
  readonly orphan: boolean | undefined;
  readonly renewable: boolean | undefined;
  readonly pathSuffix: string | undefined;
  readonly allowedEntityAliases: readonly string[] | undefined;
  readonly period: Micros | undefined;
  readonly explicitMaxTtl: Micros | undefined;
  readonly boundCidrs: readonly string[] | undefined;
  readonly tokenBoundCidrs: readonly string[] | undefined;
  readonly tokenExplicitMaxTtl: Micros | undefined;
  readonly tokenPeriod: Micros | undefined;
  readonly tokenNoDefaultPolicy: boolean | undefined;
  readonly tokenNumUses: number | undefined;
  /** Null: sent so. */
  readonly tokenType: string | null | undefined;
}

export interface TokenOperations {
  /** `role` names the role to create against. */
  create(request: Request, input: CreateInput, orphan: boolean, role?: string): Promise<Response>;
  /** '' is the caller's own token. */
  show(request: Request, token: string): Promise<Response>;
  lookupAccessor(accessor: string): Promise<Response>;
  accessors(): Promise<Response>;
  renew(request: Request, token: string, increment: Micros): Promise<Response | undefined>;
  renewAccessor(request: Request, accessor: string, increment: Micros): Promise<Response | undefined>;
  revoke(token: string): Promise<Response | undefined>;
  revokeOrphan(request: Request, token: string): Promise<Response | undefined>;
  revokeAccessor(accessor: string): Promise<Response | undefined>;
  tidy(): Response;
  roles(): Promise<string[]>;
  roleExists(name: string): Promise<boolean>;
  readRole(name: string): Promise<Response | undefined>;
  writeRole(name: string, input: RoleInput): Promise<Response | undefined>;
  deleteRole(name: string): Promise<void>;
  /** The token store's side of renewing one of its tokens' leases. */
  renewAuth(request: Request): Promise<Response>;
}

export interface TokenContext extends BackendContext {
  readonly tokens: TokenOperations;
}
