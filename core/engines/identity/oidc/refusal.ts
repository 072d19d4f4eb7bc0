/** How the endpoints of a provider refuse: the body and, by the error's code, the status (RFC 6749, RFC 6750). */
import type { Reply } from '../../../framework/reply.ts';
import { document } from './issuer.ts';

const STATUSES = {
  authorize: { usual: 400, codes: new Map<string, number>() },
  userinfo: {
    usual: 401,
    codes: new Map([
      ['access_denied', 403],
      ['invalid_request', 400],
    ]),
  },
  token: {
    usual: 400,
    codes: new Map([
      ['invalid_client', 401],
      ['server_error', 500],
    ]),
  },
};

export function refusal(
  endpoint: keyof typeof STATUSES,
  { code, message }: { readonly code: string; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Reply {
  const { usual, codes } = STATUSES[endpoint];
  return document(codes.get(code) ?? usual, { error: code, error_description: message, ...more }, headers);
}
