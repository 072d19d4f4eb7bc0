/** The audit records of one request: the request path tells it what became known, it hands that to the devices. */
import type { Auth, Request, Response } from '../../framework/logical.ts';
import { JsonError, isObject, parseObject } from '../../codec/json.ts';
import { Fault, InvalidCredentials } from '../../fault.ts';
import { multierror } from '../../codec/multierror.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { clientIdOf } from '../client-id.ts';
import type { TokenEntry } from '../services.ts';
import type { Router } from '../router.ts';
import type { Audit, AuditRecord, AuditedAuth } from './record.ts';

export class Trail {
  auth: AuditedAuth | undefined;
  remainingUses = 0;
  /** A call of a path that needs no token. */
  login = false;
  /** How much is known of the mount: nothing for calls that are refused before routing. */
  mount: 'known' | 'point' | 'unknown' = 'known';
  readonly #audit: Audit;
  readonly #request: Request;
  readonly #router: Router;
  /** Path of the namespace that the request came to, before its token or lease led it elsewhere. */
  readonly #came: string;
  #clientId = (): string => '';
  #accessor = '';

  constructor(audit: Audit, request: Request, router: Router, came = request.namespace.path) {
    this.#audit = audit;
    this.#request = request;
    this.#router = router;
    this.#came = came;
  }

  /** Asked again for the response: the request itself may have added a device. */
  get enabled(): boolean {
    return this.#audit.enabled;
  }

  /** The caller's token as it was looked up, before this request burns a use. */
  setToken(token: TokenEntry, crypto: Crypto): void {
    this.#clientId = () => clientIdOf(token, crypto);
    this.#accessor = token.accessor;
    this.remainingUses = token.numUses;
  }

  setAccessor(accessor: string): void {
    this.#accessor = accessor;
  }

  /** False when no device could log it: the request must not go on. */
  async request(error?: string): Promise<boolean> {
    try {
      await this.#audit.logRequest(this.#record(this.auth, error));
      return true;
    } catch {
      return false;
    }
  }

  async response(auth: AuditedAuth | undefined, response: Response | undefined, fault: Error | undefined) {
    const refusal: Response | undefined =
      fault instanceof Fault && fault.shape === 'response' ? { data: { error: fault.message } } : unwrapped(response);
    try {
      await this.#audit.logResponse({ ...this.#record(auth, fault && this.#errorText(fault)), response: refusal });
      return true;
    } catch {
      return false;
    }
  }

  // Beside an error response upstream often returns an error of the kind that decides the status.
  #errorText(fault: Error): string | undefined {
    if (!(fault instanceof Fault) || fault.shape !== 'response') return fault.message;
    if (fault instanceof InvalidCredentials) return 'invalid credentials';
    if (fault.status === 403) return multierror('permission denied');
    if (this.login) return undefined;
    return multierror(fault.status === 404 ? 'unsupported path' : 'invalid request');
  }

  #record(auth: AuditedAuth | undefined, error: string | undefined): AuditRecord {
    const entry = this.mount === 'unknown' ? undefined : this.#router.match(this.#request.path)?.entry;
    return {
      request: this.#request,
      auth,
      clientId: this.#clientId(),
      clientTokenAccessor: this.#accessor,
      remainingUses: this.remainingUses,
      entry,
      routed: this.#request.mount !== undefined,
      ...(this.#request.mount === undefined ? { pointPrefix: this.#came } : {}),
      ...(this.mount === 'point' ? { pointOnly: true } : {}),
      ...(error === undefined ? {} : { error }),
    };
  }
}

/** What was wrapped is logged as what it is, though it goes out as ready-made JSON. */
function unwrapped(response: Response | undefined): Response | undefined {
  const raw = response?.raw;
  if (raw === undefined || raw.contentType !== 'application/json') return response;
  try {
    const { data } = parseObject(raw.body);
    return isObject(data) ? { data } : response;
  } catch (error) {
    if (error instanceof JsonError) return response;
    throw error;
  }
}

/** What a login's response is audited with: the new token's identity. */
export function auditedLogin(auth: Auth, entityCreated: boolean): AuditedAuth {
  return {
    clientToken: auth.clientToken ?? '',
    accessor: auth.accessor ?? '',
    displayName: auth.displayName,
    policies: auth.policies,
    tokenPolicies: auth.tokenPolicies ?? [],
    identityPolicies: auth.identityPolicies ?? [],
    metadata: auth.metadata,
    noDefaultPolicy: auth.noDefaultPolicy ?? false,
    numUses: auth.numUses ?? 0,
    entityId: auth.entityId ?? '',
    entityCreated,
    tokenType: auth.tokenType,
    ttl: auth.ttl,
    issueTime: 0,
    allowed: undefined,
    granting: [],
  };
}

/** A caller of whom only the token is known. */
export function bareAuth(clientToken: string, accessor: string): AuditedAuth {
  return {
    clientToken,
    accessor,
    displayName: '',
    policies: [],
    tokenPolicies: [],
    identityPolicies: [],
    metadata: undefined,
    noDefaultPolicy: false,
    numUses: 0,
    entityId: '',
    entityCreated: false,
    tokenType: 'default',
    ttl: 0,
    issueTime: 0,
    allowed: undefined,
    granting: [],
  };
}
