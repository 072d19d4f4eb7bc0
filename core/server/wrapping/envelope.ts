/** The text that is wrapped: the envelope that the client would have got. */
import { encodeBase64 } from '../../codec/base64.ts';
import type { Request, Response } from '../../framework/logical.ts';
import { envelope } from '../../http/envelope.ts';

export function envelopeText(request: Request, response: Response): string {
  const { wrapInfo: _, raw, status, ...rest } = response;
  const bare = { ...request, path: '' };
  if (raw === undefined && status !== undefined) {
    const inner = envelope(bare, rest).trimEnd();
    const data = { http_content_type: 'application/json', http_raw_body: inner, http_status_code: status };
    return envelope(bare, { data }).trimEnd();
  }
  const shown: Response =
    raw === undefined
      ? rest
      : {
          ...rest,
          data: {
            http_content_type: raw.contentType,
            http_raw_body: encodeBase64(raw.body),
            http_status_code: raw.status,
          },
        };
  // Without its path nothing is repeated at the top level.
  return envelope(bare, shown).trimEnd();
}
