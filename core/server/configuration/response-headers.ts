/** `custom_response_headers { "default" = { … } "4xx" = { … } "404" = { … } }` of a listener. */
import type { HclItem, HclObject } from '../../codec/hcl.ts';

/** By status, class of statuses or 'default': canonical names and values; several values are joined with '; '. */
export type ResponseHeaders = ReadonlyMap<string, readonly (readonly [name: string, value: string])[]>;

export function responseHeaders(object: HclObject): ResponseHeaders {
  const item = object.items.find(({ keys }) => keys[0]?.text === 'custom_response_headers');
  const found = new Map<string, (readonly [string, string])[]>();
  for (const { keys, value } of itemsOf(item)) {
    const status = keys[0]?.text ?? '';
    const rows = value.kind === 'object' ? value.items : [];
    found.set(
      status,
      rows.map((row) => [canonical(row.keys[0]?.text ?? ''), textOf(row)] as const),
    );
  }
  return found;
}

const itemsOf = (item: HclItem | undefined): readonly HclItem[] =>
  item?.value.kind === 'object' ? item.value.items : [];

function textOf({ value }: HclItem): string {
  if (value.kind === 'literal') return String(value.value);
  if (value.kind !== 'list') return '';
  return value.items.map((each) => (each.kind === 'literal' ? String(each.value) : '')).join('; ');
}

const canonical = (name: string): string => name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
