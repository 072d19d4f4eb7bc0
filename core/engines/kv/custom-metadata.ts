/** The limits of custom_metadata. */
import type { JsonObject } from '../../codec/json.ts';
import { sortedKeys } from '../../codec/json.ts';
import { refuse } from '../../fault.ts';
import { CoercionError, toText } from '../../framework/coerce.ts';
import { CUSTOM_METADATA_FAILED as FAILED, customMetadataFaults } from '../../framework/custom-metadata.ts';

/** Texts by name; null values are left out when patching (they remove). Throws refusals naming all that is wrong. */
export function customMetadata(given: JsonObject, patching: boolean): Map<string, string> {
  const custom = new Map<string, string>();
  for (const name of sortedKeys(given)) {
    const value = given[name]!;
    if (patching && value === null) continue;
    try {
      custom.set(name, toText(value));
    } catch (error) {
      throw error instanceof CoercionError ? refuse(`${FAILED}: ${error.message}`) : error;
    }
  }
  const wrong = customMetadataFaults(custom);
  if (wrong.length > 0) {
    const count = wrong.length === 1 ? '1 error occurred' : `${wrong.length} errors occurred`;
    throw refuse(`${count}:\n${wrong.map((one) => `\t* ${FAILED}: ${one}\n`).join('')}\n`);
  }
  return custom;
}
