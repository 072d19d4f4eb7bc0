/** One request of a run goes the way of every request, in the namespace it is run from or below that. */
import { Fault, failure } from '../../fault.ts';
import type { Request, Response } from '../../framework/logical.ts';
import { multierror } from '../../codec/multierror.ts';
import { isClientOperation } from './engine.ts';
import type { ProfileRequest } from './engine.ts';

/** Who has it run. */
export type Sender = Pick<Request, 'namespace' | 'remote' | 'standby'>;

/** Throws Fault. */
export async function sendFrom(
  { namespace, remote, standby }: Sender,
  asked: ProfileRequest,
  handle: (request: Request) => Promise<Response | undefined>,
): Promise<{ readonly request: Request; readonly response: Response | undefined }> {
  const { operation } = asked;
  if (!isClientOperation(operation)) throw failure('cannot handle internal-only request operation');
  const below = [...asked.headers].find(([name]) => name.toLowerCase() === 'x-vault-namespace')?.[1];
  if (below !== undefined && below.length > 1) {
    throw failure(`have ${below.length} values for "X-Vault-Namespace" header; expected only 1`);
  }
  const headers = new Map([...asked.headers].map(([name, values]) => [name.toLowerCase(), values]));
  headers.set('x-vault-namespace', [namespace.path + (below?.[0] ?? '')]);
  const path = operation === 'list' || operation === 'scan' ? asked.path.replace(/\/?$/, '/') : asked.path;
  const request: Request = {
    id: asked.id,
    operation,
    path,
    // Data of its own, since backends may change what they are given.
    data: { ...asked.data },
    namespace,
    clientToken: asked.clientToken,
    headers,
    remote,
    unauthenticated: false,
    standby,
  };
  try {
    const response = await handle(request);
    return { request: { ...request, path: asked.path, headers: asked.headers, data: asked.data }, response };
  } catch (error) {
    throw error instanceof Fault ? inner(error, asked) : error;
  }
}

/** To whoever asks from inside, what a backend refuses is an error of its class, whose text decides the status. */
function inner(error: Fault, { path }: ProfileRequest): Fault {
  const { message, status } = error;
  if (error.shape !== 'response' || path.endsWith('/')) return new Fault('error', message, status);
  // Where the audit has another error than usual beside the refusal, that is the one.
  if (error.audited === '') return new Fault('error', message);
  if (error.audited === message) return new Fault('error', multierror(message), status ?? 400);
  if (error.name === 'InvalidCredentials') return failure('invalid credentials');
  if (message.includes('permission denied') || status === 403) return failure(multierror('permission denied'));
  return failure(multierror(status === 404 ? 'unsupported path' : 'invalid request'));
}
