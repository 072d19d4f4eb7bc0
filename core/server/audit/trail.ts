/** The audit records of one request: the request path tells it what became known, it hands that to the devices. */
import type { Auth, Request, Response } from '../../framework/logical.ts';
import { Fault, InvalidCredentials } from '../../fault.ts';
import { multierror } from '../../codec/multierror.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { clientIdOf } from '../client-id.ts';
import { unwrapped } from './raw-response.ts';
import type { TokenEntry } from '../services.ts';
import type { Router } from '../router.ts';
import type { Audit, AuditRecord, AuditedAuth } from './record.ts';

/** Paths without a token that, other than logins, refuse with an error beside the answer. */
const saysWhy: ReadonlySet<string> = new Set(['sys/decode-token', 'sys/storage/raft/bootstrap/answer']);

export class Trail {
  auth: AuditedAuth | undefined;
  #remainingUses = 0;
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
    this.setUncounted(token);
  }

  /** The same for requests that usage does not count. */
  setUncounted({ accessor, numUses }: Pick<TokenEntry, 'accessor' | 'numUses'>): void {
    this.#accessor = accessor;
    this.#remainingUses = numUses;
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
      fault instanceof Fault && fault.shape === 'response' ? { data: { error: fault.message } } : this.#shown(response);
    try {
      const shown = this.login && auth !== undefined && this.#sent !== '' ? { ...auth, clientToken: this.#sent } : auth;
      await this.#audit.logResponse({ ...this.#record(shown, fault && this.#errorText(fault)), response: refusal });
      return true;
    } catch {
      return false;
    }
  }

  /** What a login gives is called by the token that came with it, where one did. */
  #shown(response: Response | undefined): Response | undefined {
    const sent = this.#sent;
    if (this.login && sent !== '' && response?.auth !== undefined) {
      return { ...response, auth: { ...response.auth, clientToken: sent } };
    }
    return unwrapped(this.#request, response);
  }

  get #sent(): string {
    return this.#request.tokenAsSent ?? this.#request.clientToken;
  }

  // Beside an error response upstream often returns an error of the kind that decides the status.
  #errorText(fault: Error): string | undefined {
    if (!(fault instanceof Fault)) return fault.message;
    if (fault.audited !== undefined) return fault.audited === '' ? undefined : this.#wrappedText(fault.audited);
    if (fault.shape !== 'response') return fault.message;
    if (fault instanceof InvalidCredentials) return 'invalid credentials';
    if (fault.status === 403) return multierror('permission denied');
    if (this.login) return saysWhy.has(this.#request.path) ? 'invalid request' : undefined;
    return multierror(fault.status === 404 ? 'unsupported path' : 'invalid request');
  }

  #wrappedText(text: string): string {
    return this.login ? text : multierror(text);
  }

  #record(auth: AuditedAuth | undefined, error: string | undefined): AuditRecord {
    const entry = this.mount === 'unknown' ? undefined : this.#router.match(this.#request.path)?.entry;
    return {
      request: this.#request,
      auth,
      clientId: this.#clientId(),
      clientTokenAccessor: this.#accessor,
      remainingUses: this.#remainingUses,
      entry,
      routed: this.#request.mount !== undefined,
      ...(this.#request.mount === undefined ? { pointPrefix: this.#came } : {}),
      ...(this.mount === 'point' ? { pointOnly: true } : {}),
      ...(error === undefined ? {} : { error }),
    };
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
    numUses: 0,
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
