/** Parts of a configuration as they were written, for sys/config/state/sanitized. */
import type { HclObject, HclValue } from '../../codec/hcl.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';

/** By lower-case key; a block is a list of one object, as upstream's decoder makes it. */
export function rawObject(object: HclObject): JsonObject {
  const raw: JsonObject = {};
  for (const { keys, value } of object.items) raw[keys[0]?.text ?? ''] = rawValue(value);
  return raw;
}

function rawValue(value: HclValue): JsonValue {
  switch (value.kind) {
    case 'literal':
      return value.value;
    case 'list':
      return value.items.map(rawValue);
    case 'object':
      return [rawObject(value)];
  }
}
