/** JSON merge patch (RFC 7396), as upstream's library applies it. */
import type { JsonObject, JsonValue } from './json.ts';
import { emptyObject, isObject } from './json.ts';

/** A new object: keys of `patch` replace, null removes, objects merge. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = emptyObject();
  for (const key of Object.keys(target)) merged[key] = target[key]!;
  for (const key of Object.keys(patch)) {
    const value = patch[key]!;
    if (value === null) {
      delete merged[key];
      continue;
    }
    const old = Object.hasOwn(merged, key) ? merged[key]! : null;
    merged[key] = isObject(value) && isObject(old) ? mergePatch(old, value) : withoutNulls(value);
  }
  return merged;
}

// The library also drops null members of objects inside lists, but keeps null items.
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = emptyObject();
  for (const key of Object.keys(value)) if (value[key] !== null) kept[key] = withoutNulls(value[key]!);
  return kept;
}
