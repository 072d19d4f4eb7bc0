/** What metadata of entities, groups and aliases may hold. */
import { compareText } from '../../codec/bytes.ts';
import { quote } from '../../codec/go-quote.ts';
import { encodeUtf8 } from '../../codec/utf8.ts';
import { failure } from '../../fault.ts';
import { CUSTOM_METADATA_FAILED, customMetadataFaults } from '../../framework/custom-metadata.ts';
import type { Texts } from './model.ts';

const MAX_KEYS = 64;
const MAX_KEY = 128;
const MAX_VALUE = 512;

/** `what` is 'entity' or 'group'. Throws a bare error. */
export function checkMetadata(metadata: Texts, what: string): void {
  const keys = Object.keys(metadata).sort(compareText);
  if (keys.length > MAX_KEYS) {
    throw failure(`invalid ${what} metadata: metadata cannot contain more than ${MAX_KEYS} key/value pairs`);
  }
  for (const key of keys) {
    const value = metadata[key]!;
    const wrong = faultOf(key, value);
    if (wrong !== undefined) {
      throw failure(
        `invalid ${what} metadata: failed to load metadata pair (${quote(key)}, ${quote(value)}): ${wrong}`,
      );
    }
  }
}

function faultOf(key: string, value: string): string | undefined {
  if (key === '') return 'key cannot be blank';
  if (!/^[a-zA-Z0-9=/+_-]+$/.test(key)) return 'key contains invalid characters';
  if (encodeUtf8(key).length > MAX_KEY) return `key is too long (limit: ${MAX_KEY} characters)`;
  if (encodeUtf8(value).length > MAX_VALUE) return `value is too long (limit: ${MAX_VALUE} characters)`;
  return undefined;
}

/** Throws a bare error that names all that is wrong. */
export function checkCustomMetadata(metadata: Texts): void {
  const names = Object.keys(metadata).sort(compareText);
  const wrong = customMetadataFaults(new Map(names.map((name) => [name, metadata[name]!])));
  if (wrong.length === 0) return;
  const count = wrong.length === 1 ? '1 error' : `${wrong.length} errors`;
  throw failure(`${count} occurred:\n${wrong.map((one) => `\t* ${CUSTOM_METADATA_FAILED}: ${one}\n`).join('')}\n`);
}
