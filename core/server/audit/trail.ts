/** The audit records of one request: the request path tells it what became known, it hands that to the devices. */
import type { Auth, Request, Response } from '../../framework/logical.ts';
import { Fault } from '../../fault.ts';
import { multierror } from '../multierror.ts';
import type { Router } from '../router.ts';
import type { Audit, AuditRecord, AuditedAuth } from './record.ts';

export class Trail {
  auth: AuditedAuth | undefined;
  remainingUses = 0;
  readonly #audit: Audit;
  readonly #request: Request;
  readonly #router: Router;
  #clientId = '';
  #accessor = '';

  constructor(audit: Audit, request: Request, router: Router) {
    this.#audit = audit;
    this.#request = request;
    this.#router = router;
  }

  /** Asked again for the response: the request itself may have added a device. */
  get enabled(): boolean {
    return this.#audit.enabled;
  }

  setClient(clientId: string, accessor: string): void {
    this.#clientId = clientId;
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
      fault instanceof Fault && fault.shape === 'response' ? { data: { error: fault.message } } : response;
    try {
      await this.#audit.logResponse({ ...this.#record(auth, fault && errorText(fault)), response: refusal });
      return true;
    } catch {
      return false;
    }
  }

  #record(auth: AuditedAuth | undefined, error: string | undefined): AuditRecord {
    const entry = this.#router.match(this.#request.path)?.entry;
    return {
      request: this.#request,
      auth,
      clientId: this.#clientId,
      clientTokenAccessor: this.#accessor,
      remainingUses: this.remainingUses,
      entry,
      routed: this.#request.mount !== undefined,
      ...(error === undefined ? {} : { error }),
    };
  }
}

// Beside an error response upstream returns an error of the kind that decides the status.
function errorText(fault: Error): string {
  if (!(fault instanceof Fault) || fault.shape !== 'response') return fault.message;
  if (fault.status === 403) return multierror('permission denied');
  return multierror(fault.status === 404 ? 'unsupported path' : 'invalid request');
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
