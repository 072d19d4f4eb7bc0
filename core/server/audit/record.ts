/** What the request path hands to the audit devices; how it is printed is in `format.ts`. */
import type { Request, Response, TokenType } from '../../framework/logical.ts';
import type { MountEntry } from '../mounts/entry.ts';
import type { GrantingPolicy } from '../services.ts';

export interface AuditedAuth {
  readonly clientToken: string;
  readonly accessor: string;
  readonly displayName: string;
  readonly policies: readonly string[];
  readonly tokenPolicies: readonly string[];
  readonly identityPolicies: readonly string[];
  /** By the id of another namespace. */
  readonly policiesElsewhere?: ReadonlyMap<string, readonly string[]>;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly noDefaultPolicy: boolean;
  readonly numUses: number;
  readonly entityId: string;
  readonly entityCreated: boolean;
  readonly tokenType: TokenType;
  /** Micros. */
  readonly ttl: number;
  /** Wall micros; 0 where unknown. */
  readonly issueTime: number;
  readonly allowed: boolean | undefined;
  readonly granting: readonly GrantingPolicy[];
}

export interface AuditRecord {
  readonly request: Request;
  readonly auth: AuditedAuth | undefined;
  /** The identity that usage is counted by; '' where there is none. */
  readonly clientId: string;
  readonly clientTokenAccessor: string;
  /** Of the caller's token, after this use; 0 where unlimited. */
  readonly remainingUses: number;
  /** The mount of the request's path, as far as it is known. */
  readonly entry: MountEntry | undefined;
  /** Whether the router has seen the request (then the mount's accessor is known). */
  readonly routed: boolean;
  /** Path of the namespace that stands before the mount's point, where it is not the request's own. */
  readonly pointPrefix?: string;
  /** Of the mount only its point is known: the request was refused before anybody looked. */
  readonly pointOnly?: boolean;
  /** Plain text, as it is. */
  readonly error?: string;
}

/** Of a request of which neither a token nor a mount is looked at. */
export const recordWithoutCaller = (request: Request): AuditRecord => ({
  request,
  auth: undefined,
  clientId: '',
  clientTokenAccessor: '',
  remainingUses: 0,
  entry: undefined,
  routed: false,
});

export interface AuditedResponse extends AuditRecord {
  /** A refusal is `{ data: { error } }`. */
  readonly response: Response | undefined;
  /** Of the answer, where they are logged. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

/** All audit devices of a node. Both reject when devices exist and none could log. */
export interface Audit {
  /** False without devices: then nothing needs to be recorded. */
  readonly enabled: boolean;
  logRequest(record: AuditRecord): Promise<void>;
  logResponse(record: AuditedResponse): Promise<void>;
}
