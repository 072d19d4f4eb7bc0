/** `storage "raft" { … }` and `ha_storage`: a setting is a text, and what is none is kept as JSON, as upstream keeps it. */
import type { HclItem, HclObject, HclValue } from '../../codec/hcl.ts';
import { type JsonValue, emptyObject, print } from '../../codec/json.ts';
import { parseBool } from '../../codec/go-bool.ts';
import { quote } from '../../codec/go-quote.ts';
import { ConfigurationError, goNode, placeOf } from './values.ts';

/** A setting under its name as it is written. */
export type StorageSettings = Readonly<Record<string, string>>;

/** `where` is what upstream says before what is wrong. Throws ConfigurationError. */
export function storageSettings(object: HclObject, where: string, json: boolean): StorageSettings {
  const whole = decoded(object, where);
  checkAgain(object, where, json);
  const settings = Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, typeof value === 'string' ? value : print(value)]),
  );
  const disabled = settings['disable_clustering'];
  if (disabled !== undefined) clusteringOf(disabled, where);
  return settings;
}

export const disablesClustering = (settings: StorageSettings): boolean =>
  'disable_clustering' in settings && parseBool(settings['disable_clustering']);

function clusteringOf(text: string, where: string): void {
  try {
    parseBool(text);
  } catch (error) {
    throw new ConfigurationError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What has been a text once can be nothing else afterwards. */
function checkAgain({ items }: HclObject, where: string, json: boolean): void {
  const texts = new Set<string>();
  for (const { keys, value } of items) {
    const name = keys[0]!.text;
    if (texts.has(name) && !isText(value)) {
      const place = placeOf(value.position, json);
      throw new ConfigurationError(`${where}: At ${place}: root.${name}: unknown type for string ${goNode(value)}`);
    }
    if (value.kind === 'literal' && (value.type === 'string' || value.type === 'heredoc')) texts.add(name);
  }
}

const isText = (value: HclValue): boolean =>
  value.kind === 'literal' && value.type !== 'bool' && value.type !== 'float';

/** A block is a list of one, given again a longer one; a label is a block around it. Of other values the last counts. */
function decoded(object: HclObject, where: string): Record<string, JsonValue> {
  const whole = emptyObject() as Record<string, JsonValue>;
  for (const { keys, value } of object.items) {
    const name = keys[0]!.text;
    const own = labelled(keys.slice(1), decodedValue(value, where));
    const before = whole[name];
    whole[name] = isBlocks(before) && isBlocks(own) ? [...before, ...own] : own;
  }
  return whole;
}

const labelled = (labels: HclItem['keys'], value: JsonValue): JsonValue =>
  labels.reduceRight<JsonValue>((inner, { text }) => [{ [text]: inner }], value);

const isBlocks = (value: JsonValue | undefined): value is JsonValue[] => Array.isArray(value);

function decodedValue(value: HclValue, where: string): JsonValue {
  if (value.kind === 'object') return [decoded(value, where)];
  if (value.kind === 'list') {
    return value.items.map((item) => (item.kind === 'object' ? decoded(item, where) : decodedValue(item, where)));
  }
  if (value.type === 'number' && Math.abs(Number(value.value)) >= 2 ** 63) {
    throw new ConfigurationError(`${where}: strconv.ParseInt: parsing ${quote(value.source)}: value out of range`);
  }
  return value.value ?? '';
}
