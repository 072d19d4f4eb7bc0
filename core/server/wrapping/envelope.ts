/** The text that is wrapped: the envelope that the client would have got. */
import { encodeBase64 } from '../../codec/base64.ts';
import type { Request, Response } from '../../framework/logical.ts';
import { envelope } from '../../http/envelope.ts';

export function envelopeText(request: Request, response: Response): string {
  const { wrapInfo: _, raw, ...rest } = response;
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
  return envelope({ ...request, path: '' }, shown).trimEnd();
}
