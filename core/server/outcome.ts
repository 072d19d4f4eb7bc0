/** What becomes of a request on its way, and the shape in which its failures are told. */
import { AssertionError } from '../assert.ts';
import { Fault, failure, refuse } from '../fault.ts';
import type { Request, Response } from '../framework/logical.ts';
import { ReadOnly } from '../storage/storage.ts';
import type { Active } from './active.ts';
import type { AuditedAuth } from './audit/record.ts';
import type { Trail } from './audit/trail.ts';
import { multierror } from '../codec/multierror.ts';

/** What became of a request before wrapping and the audit of its response. */
export interface Outcome {
  readonly response: Response | undefined;
  /** ReadOnly means: for the active node. It is audited like a failure all the same. */
  readonly fault: Fault | ReadOnly | undefined;
  readonly auth: AuditedAuth | undefined;
}

/** A refused request is audited twice: as a request with the reason, and as a response with the error. */
export async function denied(fault: Fault, auth: AuditedAuth | undefined, trail: Trail): Promise<Outcome> {
  if (trail.enabled && !(await trail.request(fault.message))) {
    return failed(failure(multierror('internal error')), auth);
  }
  if (fault.message.includes('internal error')) return failed(failure(multierror('internal error')), auth);
  return failed(refuse(fault.message, fault.message.includes('permission denied') ? 403 : (fault.status ?? 400)), auth);
}

/** The shorter of what the caller asked for and what the backend answers wins. */
export function decideWrapping(request: Request, response: Response): void {
  const own = response.wrapInfo;
  if (own !== undefined && own.token !== '') return;
  const asked = request.wrap?.ttl ?? 0;
  const given = own?.ttl ?? 0;
  // A snapshot flows to the client before there is a response to wrap.
  if (request.path === 'sys/storage/raft/snapshot') return;
  const ttl = given === 0 ? asked : asked === 0 ? given : Math.min(asked, given);
  delete response.wrapInfo;
  if (ttl === 0) return;
  response.wrapInfo = { token: '', accessor: '', ttl, creationTime: 0, creationPath: own?.creationPath ?? '' };
}

export const isWrite = ({ operation }: Request): boolean =>
  operation === 'create' || operation === 'update' || operation === 'patch';

export const forward = (): ReadOnly => new ReadOnly('please forward to the active node');

export const failed = (fault: Fault | ReadOnly, auth: AuditedAuth | undefined): Outcome => ({
  response: undefined,
  fault,
  auth,
});

/** A backend's failure as the normal path reports it: bare errors become a multierror. */
export function faultOf(error: unknown, active: Active): Fault | ReadOnly {
  if (error instanceof Fault) {
    if (error.shape === 'response') return error;
    return new Fault(error.shape, multierror(error.message), error.status);
  }
  if (error instanceof AssertionError) throw error;
  if (error instanceof ReadOnly && active.standby) return error;
  return failure(multierror(textOf(error)));
}

/** The same on the login path. */
export function plainFault(error: unknown, active: Active): Fault | ReadOnly {
  if (error instanceof Fault) return error;
  if (error instanceof AssertionError) throw error;
  if (error instanceof ReadOnly && active.standby) return error;
  return failure(textOf(error));
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
