/** What the checks of challenges have in common. */
import type { Micros, Runtime } from '../../../runtime.ts';
import { SECOND } from '../../../runtime.ts';
import type { Identifier } from './model.ts';

export interface Claim {
  readonly identifier: Identifier;
  readonly token: string;
  /** Of the account's key. */
  readonly thumbprint: string;
  /** `<address>:<port>` of the DNS server to ask; '' for the machine's own. */
  readonly resolver: string;
  readonly runtime: Runtime;
}

/** Why the claim is not proved, or undefined. */
export type Check = (claim: Claim) => Promise<string | undefined>;

export const PATIENCE: Micros = 10 * SECOND;

/** What proves it: the token, and whose it is (RFC 8555, section 8.1). */
export const keyAuthorization = ({ token, thumbprint }: Claim): string => `${token}.${thumbprint}`;
