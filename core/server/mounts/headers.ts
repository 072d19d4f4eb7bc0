/** Which headers pass between clients and a mount: those that it was told to let through. */
import { Fault } from '../../fault.ts';
import type { Request } from '../../framework/logical.ts';
import type { Outcome } from '../outcome.ts';
import type { MountEntry } from './entry.ts';
import { SINGLETONS } from './protected.ts';

type Headers = Request['headers'];

const NONE: Headers = new Map();

const isNamed = (names: readonly string[], name: string): boolean =>
  names.some((one) => one.toLowerCase() === name.toLowerCase());

/** The server's own mounts are part of it, and see and say what they like. */
const isOpen = ({ type }: MountEntry): boolean => SINGLETONS.has(type);

/** The token is never among them. */
export function passedIn(headers: Headers, entry: MountEntry): Headers {
  const names = entry.config.passthroughRequestHeaders;
  if (isOpen(entry)) return headers;
  if (names.length === 0) return NONE;
  return new Map([...headers].filter(([name]) => name !== 'x-vault-token' && isNamed(names, name)));
}

/** Takes the others away from an answer and from a refusal. */
export function passOut({ response, fault }: Outcome, entry: MountEntry): void {
  if (isOpen(entry)) return;
  const isAllowed = ([name]: readonly [string, unknown]): boolean => isNamed(entry.config.allowedResponseHeaders, name);
  if (response?.headers !== undefined) {
    response.headers = Object.fromEntries(Object.entries(response.headers).filter(isAllowed));
  }
  if (fault instanceof Fault && fault.headers !== undefined) fault.headers = fault.headers.filter(isAllowed);
}
