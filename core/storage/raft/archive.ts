/** The snapshot file that operators save and restore (facts §2.5): a gzipped tar with the state and its checksums. */
import { gunzipSync, gzipSync } from 'fflate/browser';
import { concatBytes, equalBytes } from '../../codec/bytes.ts';
import { encodeHex } from '../../codec/hex.ts';
import { asList, asNumber, asObject, asString } from '../../codec/json-fields.ts';
import { jsonObject, parseObject, printString } from '../../codec/json.ts';
import { readTar, writeTar } from '../../codec/tar.ts';
import { decodeUtf8, encodeUtf8 } from '../../codec/utf8.ts';
import type { Crypto } from '../../crypto/crypto.ts';
import { failure } from '../../fault.ts';
import type { Server, SnapshotMeta } from '../../raft/types.ts';

/** Encrypts and decrypts the checksums, so that only a cluster with the same keys takes the snapshot. */
export interface SnapshotSealer {
  seal(plaintext: Uint8Array): Promise<Uint8Array>;
  /** Rejects when it was sealed by other keys. */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/** The checksums were sealed with other keys; `sys/storage/raft/snapshot` has its own words for it. */
export class ForeignSnapshot extends Error {
  constructor() {
    super('failed to open the sealed hashes');
    this.name = 'ForeignSnapshot';
  }
}

const META = 'meta.json';
const STATE = 'state.bin';
const SUMS = 'SHA256SUMS';
const SEALED = 'SHA256SUMS.sealed';

/** `mtime` in Unix seconds. */
export async function writeArchive(
  crypto: Crypto,
  meta: SnapshotMeta,
  state: AsyncIterable<Uint8Array>,
  sealer: SnapshotSealer,
  mtime: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of state) chunks.push(chunk);
  const data = concatBytes(...chunks);
  const head = encodeUtf8(printMeta({ ...meta, size: data.length }));
  const sums = encodeUtf8(sumLine(crypto, META, head) + sumLine(crypto, STATE, data));
  const tar = writeTar([
    { name: META, data: head, mode: 0o600, mtime },
    { name: STATE, data, mode: 0o600, mtime },
    { name: SUMS, data: sums, mode: 0o600, mtime },
    { name: SEALED, data: await sealer.seal(sums), mode: 0o600, mtime },
  ]);
  return gzipSync(tar, { mtime: 0 });
}

/** Without `sealer` the origin is not checked (a forced restore). Rejects when anything does not fit. */
export async function readArchive(
  crypto: Crypto,
  archive: Uint8Array,
  sealer: SnapshotSealer | undefined,
): Promise<{ readonly meta: SnapshotMeta; readonly state: Uint8Array }> {
  let tar: Uint8Array;
  try {
    tar = gunzipSync(archive);
  } catch {
    throw failure(whyNotGzip(archive));
  }
  const files = new Map<string, Uint8Array>();
  for (const { name, data } of readTar(tar)) {
    if (![META, STATE, SUMS, SEALED].includes(name)) throw failure(`unexpected file "${name}" in snapshot`);
    files.set(name, data);
  }
  const meta = files.get(META);
  const state = files.get(STATE);
  const sums = files.get(SUMS);
  if (meta === undefined || state === undefined || sums === undefined) {
    throw failure('failed checking integrity of snapshot: file missing');
  }
  if (sealer !== undefined) {
    const sealed = files.get(SEALED);
    if (sealed === undefined) throw failure('failed checking integrity of snapshot: sealed hashes missing');
    let opened: Uint8Array;
    try {
      opened = await sealer.open(sealed);
    } catch {
      throw new ForeignSnapshot();
    }
    if (!equalBytes(opened, sums)) throw failure('sealed hashes did not match the snapshot hashes');
  }
  for (const [name, data] of [
    [META, meta],
    [STATE, state],
  ] as const) {
    if (!decodeUtf8(sums).includes(sumLine(crypto, name, data))) {
      throw failure(`failed checking integrity of snapshot: hash check failed for "${name}"`);
    }
  }
  return { meta: parseMeta(decodeUtf8(meta)), state };
}

/** As Go's reader, which wants ten bytes first; what is wrong behind them is met while the archive is read. */
function whyNotGzip(bytes: Uint8Array): string {
  const head = 'failed to decompress snapshot: ';
  if (bytes.length === 0) return `${head}EOF`;
  if (bytes.length < 10) return `${head}unexpected EOF`;
  const known = bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
  if (!known) return `${head}gzip: invalid header`;
  return 'failed to read snapshot file: failed reading snapshot: unexpected EOF';
}

const sumLine = (crypto: Crypto, name: string, data: Uint8Array): string =>
  `${encodeHex(crypto.hash('sha256', data))}  ${name}\n`;

function printMeta({ index, term, configuration, configurationIndex, size }: SnapshotMeta): string {
  const servers = configuration.servers.map(
    ({ suffrage, id, address }) =>
      `{"Suffrage":${suffrage === 'voter' ? 0 : 1},"ID":${printString(id)},"Address":${printString(address)}}`,
  );
  return `{"Version":1,"ID":"bolt-snapshot","Index":${index},"Term":${term},"Peers":null,"Configuration":{"Servers":[${servers.join(',')}]},"ConfigurationIndex":${configurationIndex},"Size":${size}}\n`;
}

function parseMeta(text: string): SnapshotMeta {
  const meta = parseObject(text);
  const servers: Server[] = (asList(asObject(meta['Configuration'])?.['Servers']) ?? []).map((item) => {
    const server = asObject(item) ?? jsonObject({});
    return {
      suffrage: asNumber(server['Suffrage']) === 0 ? 'voter' : 'nonvoter',
      id: asString(server['ID']) ?? '',
      address: asString(server['Address']) ?? '',
    };
  });
  return {
    index: asNumber(meta['Index']) ?? 0,
    term: asNumber(meta['Term']) ?? 0,
    configuration: { servers },
    configurationIndex: asNumber(meta['ConfigurationIndex']) ?? 0,
    size: asNumber(meta['Size']) ?? 0,
  };
}
