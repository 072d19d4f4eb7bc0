/** The metadata of a secret id: JSON, base64 of it, or `key=value,key=value`. */
import { decodeBase64 } from '../../codec/base64.ts';
import { quote } from '../../codec/go-quote.ts';
import type { JsonValue } from '../../codec/json.ts';
import { emptyObject, isObject, parse } from '../../codec/json.ts';
import { decodeUtf8 } from '../../codec/utf8.ts';
import { refuse } from '../../fault.ts';

export function parseMetadata(given: string): Record<string, string> {
  const text = plain(given.trim());
  const metadata = fromJson(text) ?? fromPairs(text);
  for (const [key, value] of Object.entries(metadata)) {
    if (key !== '' && value === '') throw refuse(`failed to parse metadata: invalid value for key ${quote(key)}`);
  }
  return metadata;
}

function plain(text: string): string {
  try {
    return decodeUtf8(decodeBase64(text));
  } catch {
    return text; // not base64, so it is taken as it is
  }
}

function fromJson(text: string): Record<string, string> | undefined {
  let value: JsonValue;
  try {
    value = parse(text);
  } catch {
    return undefined; // not JSON, so it must be pairs
  }
  if (!isObject(value) || Object.values(value).some((part) => typeof part !== 'string' && part !== null)) {
    return undefined;
  }
  const metadata = emptyObject() as Record<string, string>;
  for (const [key, part] of Object.entries(value)) metadata[key] = (part ?? '') as string;
  return metadata;
}

function fromPairs(text: string): Record<string, string> {
  const metadata = emptyObject() as Record<string, string>;
  const pairs = new Set(text.split(',').map((pair) => pair.trim().toLowerCase()));
  for (const pair of [...pairs].filter((one) => one !== '').sort()) {
    const parts = pair.split('=');
    const start = 'failed to parse metadata: failed to parse the input: invalid <key,value>';
    if (parts.length !== 2) throw refuse(`${start} format`);
    const [key, value] = [parts[0]!.trim(), parts[1]!.trim()];
    if (key === '' || value === '') throw refuse(`${start} pair: key: ${quote(key)} value: ${quote(value)}`);
    metadata[key] = value;
  }
  return metadata;
}
