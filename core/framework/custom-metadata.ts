/** The limits of custom metadata, as KV and identity aliases share them. */
import { isPrintableText, quote } from '../codec/go-quote.ts';
import { encodeUtf8 } from '../codec/utf8.ts';

const MAX_KEYS = 64;
const MAX_KEY = 128;
const MAX_VALUE = 512;

export const CUSTOM_METADATA_FAILED = 'custom_metadata validation failed';

/** All that is wrong, without the words in front. */
export function customMetadataFaults(custom: ReadonlyMap<string, string>): string[] {
  if (custom.size > MAX_KEYS) return [`payload must contain at most ${MAX_KEYS} keys, provided ${custom.size}`];
  const wrong: string[] = [];
  for (const [name, value] of custom) {
    const quoted = quote(name);
    const size = encodeUtf8(name).length;
    if (size === 0 || size > MAX_KEY) {
      wrong.push(`length of key ${quoted} is ${size} but must be 0 < len(key) <= ${MAX_KEY}`);
    }
    const length = encodeUtf8(value).length;
    if (length === 0 || length > MAX_VALUE) {
      wrong.push(`length of value for key ${quoted} is ${length} but must be 0 < len(value) <= ${MAX_VALUE}`);
    }
    if (!isPrintableText(name)) wrong.push(`key ${quoted} (${name}) contains unprintable characters`);
    if (!isPrintableText(value)) wrong.push(`value for key ${quoted} contains unprintable characters`);
  }
  return wrong;
}
