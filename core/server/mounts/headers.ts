/** Which headers pass between clients and an auth method: those that its mount was told to let through. */
import { Fault } from '../../fault.ts';
import type { Request, Response } from '../../framework/logical.ts';
import type { MountConfig } from './entry.ts';

type Headers = Request['headers'];

const NONE: Headers = new Map();

const named = (names: readonly string[], name: string): boolean =>
  names.some((one) => one.toLowerCase() === name.toLowerCase());

/** The token is never among them. */
export function letIn(request: Request, { passthroughRequestHeaders: names }: MountConfig): Request {
  const headers =
    names.length === 0
      ? NONE
      : new Map([...request.headers].filter(([name]) => name !== 'x-vault-token' && named(names, name)));
  return { ...request, headers };
}

export async function letOut(
  { allowedResponseHeaders: names }: MountConfig,
  answer: () => Promise<Response | undefined>,
): Promise<Response | undefined> {
  try {
    const response = await answer();
    if (response?.headers === undefined) return response;
    const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => named(names, name)));
    return { ...response, headers };
  } catch (error) {
    if (error instanceof Fault && error.headers !== undefined) {
      error.headers = error.headers.filter(([name]) => named(names, name));
    }
    throw error;
  }
}
