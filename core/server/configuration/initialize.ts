/** `initialize "name" { request "name" { … } }`: what a server does to itself once it is initialised (facts §10). */
import type { HclItem, HclObject } from '../../codec/hcl.ts';
import type { JsonValue } from '../../codec/json.ts';
import { decodeValue, requestBlock } from '../profiles/document.ts';
import type { FlowBlock, RequestBlock } from '../profiles/document.ts';
import { Block, ConfigurationError } from './values.ts';

const FIELDS: readonly string[] = ['operation', 'path', 'data', 'headers', 'token', 'when', 'allow_failure'];

export function parseInitialize(items: readonly HclItem[]): {
  readonly blocks: readonly FlowBlock[];
  readonly unknown: readonly HclItem[];
} {
  const unknown: HclItem[] = [];
  const blocks = items.map((item, index): FlowBlock => {
    const where = `error parsing 'initialize': initialize.${index}`;
    const name = item.keys[1]?.text;
    if (name === undefined) throw new ConfigurationError(`${where}: initialize type must be specified`);
    const object = objectOf(item, where);
    const block = new Block(object);
    block.ignore('request');
    const when = block.value('when');
    unknown.push(...block.unknown());
    const requests = object.items
      .filter(({ keys }) => keys[0]?.text === 'request')
      .map((request): RequestBlock => {
        const inner = new Block(objectOf(request, where));
        const fields = new Map<string, JsonValue>();
        for (const field of FIELDS) {
          const value = inner.value(field);
          if (value !== undefined) fields.set(field, decodeValue(value));
        }
        unknown.push(...inner.unknown());
        return requestBlock(request.keys[1]?.text ?? '', (key) => fields.get(key));
      });
    return { name, requests, ...(when === undefined ? {} : { when: decodeValue(when) }) };
  });
  return { blocks, unknown };
}

function objectOf({ value }: HclItem, where: string): HclObject {
  if (value.kind === 'object') return value;
  throw new ConfigurationError(`${where}: not an object`);
}
