/** A binding of an ACME account to an account of ours, as it is stored. */
import { decodeBase64, encodeBase64 } from '../../../codec/base64.ts';
import type { JsonObject } from '../../../codec/json.ts';
import { asString } from '../../../codec/json-fields.ts';
import { formatRfc3339, parseRfc3339 } from '../../../codec/rfc3339.ts';
import type { Form } from '../../../framework/collection.ts';
import type { Micros } from '../../../runtime.ts';

export interface Eab {
  readonly keyType: string;
  readonly key: Uint8Array;
  /** The directory that it is for: 'acme/'. */
  readonly directory: string;
  /** Wall micros. */
  readonly created: Micros;
}

export const eabForm: Form<Eab> = {
  encode: ({ keyType, key, directory, created }) => ({
    'key-type': keyType,
    'private-bytes': encodeBase64(key),
    'acme-directory': directory,
    'created-on': formatRfc3339(created),
  }),
  decode(stored) {
    const eab = stored as JsonObject;
    return {
      keyType: asString(eab['key-type']) ?? '',
      key: decodeBase64(asString(eab['private-bytes']) ?? ''),
      directory: asString(eab['acme-directory']) ?? '',
      created: parseRfc3339(asString(eab['created-on']) ?? '') ?? 0,
    };
  },
};
