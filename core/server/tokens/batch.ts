/** Batch tokens: the whole entry as protobuf, encrypted by the barrier, is the token; nothing is stored. */
import { Base64Error, decodeBase64RawUrl, encodeBase64RawUrl } from '../../codec/base64.ts';
import { ProtobufError, ProtobufReader, ProtobufWriter } from '../../codec/protobuf.ts';
import { SECOND } from '../../runtime.ts';
import type { SystemSettings, TokenEntry } from '../services.ts';
import { bareId } from '../namespaces/ids.ts';
import { tokenTypeNumber, tokenTypeOf } from './token-type.ts';

/** The second is of servers with `disable_ssct_tokens = false`. */
const PREFIXES = ['b.', 'hvb.'];

const prefixOf = (id: string): string | undefined => PREFIXES.find((prefix) => id.startsWith(prefix));

export const isBatchToken = (id: string): boolean => prefixOf(id) !== undefined;

const pair = (key: string, value: string): Uint8Array => new ProtobufWriter().text(1, key).text(2, value).finish();

export function encodeBatchToken(entry: TokenEntry, settings: SystemSettings): string {
  const message = new ProtobufWriter().text(3, entry.parent);
  const writer = message;
  for (const policy of entry.policies) writer.text(4, policy);
  writer.text(5, entry.path);
  for (const key of Object.keys(entry.meta ?? {}).sort()) writer.explicitBytes(6, pair(key, entry.meta![key]!));
  writer
    .text(7, entry.displayName)
    .uint(9, Math.floor(entry.creationTime / SECOND))
    .uint(10, BigInt(entry.ttl) * 1_000n)
    .text(12, entry.role)
    .text(14, entry.entityId);
  for (const block of entry.boundCidrs) writer.text(15, block);
  writer.text(16, entry.namespaceId).uint(18, tokenTypeNumber(entry.type));
  for (const key of Object.keys(entry.internalMeta ?? {}).sort()) {
    writer.explicitBytes(19, pair(key, entry.internalMeta![key]!));
  }
  writer.text(20, entry.inlinePolicy).bool(21, entry.noIdentityPolicies);
  return settings.tokenSigning.batchPrefix + encodeBase64RawUrl(settings.seal(message.finish()));
}

/** What a look-up by `id` fails with, in the decoder's words; undefined for what is no batch token or is spelt right. */
export function batchEncodingError(id: string): string | undefined {
  const prefix = prefixOf(id);
  if (prefix === undefined) return undefined;
  try {
    decodeBase64RawUrl(bareId(id).slice(prefix.length));
    return undefined;
  } catch (error) {
    if (error instanceof Base64Error) return error.message;
    throw error;
  }
}

/** Undefined for anything that this barrier did not make. */
export function decodeBatchToken(id: string, settings: SystemSettings): TokenEntry | undefined {
  try {
    const opened = settings.open(decodeBase64RawUrl(id.slice(prefixOf(id)!.length)));
    return opened === undefined ? undefined : readEntry(id, opened);
  } catch (error) {
    if (error instanceof Base64Error || error instanceof ProtobufError) return undefined;
    throw error;
  }
}

function readEntry(id: string, bytes: Uint8Array): TokenEntry {
  const policies: string[] = [];
  const boundCidrs: string[] = [];
  let meta: Record<string, string> | undefined;
  let internalMeta: Record<string, string> | undefined;
  const texts = new Map<number, string>();
  const numbers = new Map<number, bigint>();
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const { field } = reader;
    if (field === 4) policies.push(reader.text());
    else if (field === 15) boundCidrs.push(reader.text());
    else if (field === 6 || field === 19) {
      const entry = new ProtobufReader(reader.bytes());
      const found = ['', ''];
      while (entry.next()) found[entry.field - 1] = entry.text();
      if (field === 6) (meta ??= {})[found[0]!] = found[1]!;
      else (internalMeta ??= {})[found[0]!] = found[1]!;
    } else if (TEXT_FIELDS.has(field)) texts.set(field, reader.text());
    else if (NUMBER_FIELDS.has(field)) numbers.set(field, reader.big());
  }
  const text = (field: number): string => texts.get(field) ?? '';
  const number = (field: number): number => Number(numbers.get(field) ?? 0n);
  return {
    id,
    accessor: '',
    parent: text(3),
    policies,
    inlinePolicy: text(20),
    path: text(5),
    meta,
    displayName: text(7),
    numUses: 0,
    creationTime: number(9) * SECOND,
    ttl: Number((numbers.get(10) ?? 0n) / 1_000n),
    explicitMaxTtl: 0,
    period: 0,
    role: text(12),
    entityId: text(14),
    noIdentityPolicies: number(21) !== 0,
    namespaceId: text(16),
    cubbyholeId: '',
    type: tokenTypeOf(number(18)),
    boundCidrs,
    strictlyBindIp: false,
    ...(internalMeta && { internalMeta }),
  };
}

const TEXT_FIELDS: ReadonlySet<number> = new Set([3, 5, 7, 12, 14, 16, 20]);
const NUMBER_FIELDS: ReadonlySet<number> = new Set([9, 10, 18, 21]);
