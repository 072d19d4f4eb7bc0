/** `custom_response_headers { "default" = { … } "4xx" = { … } "404" = { … } }` of a listener. */
import type { HclItem, HclObject } from '../../codec/hcl.ts';

/** By status, class of statuses or 'default': canonical names and values; several values are joined with '; '. */
export type ResponseHeaders = ReadonlyMap<string, readonly (readonly [name: string, value: string])[]>;

/** `fault` throws. */
export function responseHeaders(object: HclObject, fault: (text: string) => never): ResponseHeaders {
  const item = object.items.find(({ keys }) => keys[0]?.text === 'custom_response_headers');
  const found = new Map<string, (readonly [string, string])[]>();
  if (item === undefined) return found;
  if (item.value.kind !== 'object') {
    fault("response headers were not configured correctly. please make sure they're in a slice of maps");
  }
  for (const { keys, value } of itemsOf(item)) {
    const status = keys[0]?.text ?? '';
    if (!isStatus(status)) fault(`invalid status code found in the server configuration: ${status}`);
    const rows = value.kind === 'object' ? value.items : [];
    found.set(
      status,
      rows.map((row) => [canonical(row.keys[0]?.text ?? ''), textOf(row, fault)] as const),
    );
  }
  return found;
}

/** The API's own, which no listener may set. */
export const isReserved = (name: string): boolean => name.startsWith('X-Vault-');

const isStatus = (text: string): boolean => text === 'default' || /^[1-5](xx|\d\d)$/.test(text);

const itemsOf = ({ value }: HclItem): readonly HclItem[] => (value.kind === 'object' ? value.items : []);

function textOf({ value }: HclItem, fault: (text: string) => never): string {
  if (value.kind !== 'list') return fault('headers must be given in a list of strings');
  return value.items.map((each) => (each.kind === 'literal' ? String(each.value) : '')).join('; ');
}

const canonical = (name: string): string => name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
