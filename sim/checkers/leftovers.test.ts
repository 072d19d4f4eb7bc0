import { expect, test } from 'vitest';
import { encodeLease } from '../../core/server/leases/entry.ts';
import { encodeToken, encodeAccessor, decodeToken } from '../../core/server/tokens/entry.ts';
import { encodeUtf8 } from '../../core/codec/utf8.ts';
import { concatBytes } from '../../core/codec/bytes.ts';
import { encodeHex } from '../../core/codec/hex.ts';
import { portableCrypto } from '../../core/crypto/portable.ts';
import { encodeMetadata, newMetadata } from '../../core/engines/kv/messages.ts';
import type { TraceEvent } from '../../core/trace.ts';
import { Verdicts } from './checker.ts';
import { NothingIsLeftBehind } from './leftovers.ts';

const crypto = portableCrypto();

const token = (accessor: string, cubbyholeId: string): Uint8Array =>
  encodeToken({ ...decodeToken(encodeUtf8('{}')), id: 's.x', accessor, cubbyholeId });

/** What the checker says of entries that the replicas agree on, after these events. */
function said(events: readonly TraceEvent[], entries: Record<string, Uint8Array>): string[] {
  const verdicts = new Verdicts();
  const checker = new NothingIsLeftBehind(verdicts, crypto);
  events.forEach((event, at) => checker.observe({ at, node: 'n1', event }));
  checker.look(9, 'n1', new Map(Object.entries(entries)));
  return verdicts.violations.map(({ message }) => message);
}

const some = encodeUtf8('x');
const lease = (what: 'registered' | 'revoked' | 'failed', id: string): TraceEvent => ({ kind: 'lease', what, id });
const revoked = (accessor: string, name: string): TraceEvent => ({ kind: 'token.revoked', accessor, name });
const write = (key: string): TraceEvent => ({ kind: 'storage.write', key, active: true });
const stored = 'sys/expire/id/db/creds/a/1';
const id = 'db/creds/a/1';
/** A lease that nobody was lent anything with. */
const plain = {
  leaseId: id,
  clientToken: '',
  tokenType: 1,
  path: 'db/creds/a',
  issueTime: 0,
  expireTime: 0,
  lastRenewal: 0,
  data: undefined,
  secret: undefined,
  auth: undefined,
  loginRole: '',
  revokeError: '',
};
const bare = encodeLease(plain);

test('a lease that lives is stored', () => {
  expect(said([write(stored), lease('registered', id)], { [stored]: bare })).toEqual([]);
  expect(said([lease('registered', id)], {})).toEqual([`n1: the lease ${id} was never revoked and is not stored`]);
  expect(said([lease('registered', id), lease('failed', id)], {})).toHaveLength(1);
});

test('a lease that was revoked is not, in whatever namespace', () => {
  const events = [lease('registered', id), write(stored), lease('revoked', id)];
  expect(said(events, {})).toEqual([]);
  expect(said(events, { [stored]: some })).toHaveLength(1);
  expect(said(events, { [`namespaces/some-uuid/${stored}`]: some })).toHaveLength(1);
});

test('a revocation that a crash cut short, and a state that an operator put in place, prove nothing', () => {
  expect(said([lease('registered', id), write(stored)], {})).toEqual([]);
  const restore: TraceEvent = { kind: 'http.request', id: 1, method: 'POST', path: '/v1/sys/storage/raft/snapshot' };
  expect(said([lease('registered', id), restore], {})).toEqual([]);
});

test('a revoked token leaves neither entry nor accessor', () => {
  const entries = {
    'sys/token/id/h1': token('gone', 'c1'),
    'sys/token/accessor/h2': encodeAccessor({ tokenId: 's.x', accessorId: 'gone', namespaceId: 'root' }),
  };
  expect(said([revoked('other', 'h0')], entries)).toEqual([]);
  expect(said([revoked('gone', 'h1')], entries)).toHaveLength(2);
});

test('a cubbyhole belongs to a token', () => {
  const mount = encodeUtf8('{"table":"mounts","path":"cubbyhole/","type":"cubbyhole","uuid":"u1","local":true}');
  const entries = {
    'core/local-mounts/u1': mount,
    'sys/token/id/h1': token('a', 'mine'),
    'logical/u1/mine/secret': some,
    'logical/u2/theirs/secret': some,
  };
  expect(said([], entries)).toEqual([]);
  expect(said([], { ...entries, 'logical/u1/theirs/deep/secret': some })).toEqual([
    'n1: the cubbyhole logical/u1/theirs/deep/secret belongs to no token',
  ]);
});

test('what a token was lent is in its index as long as the lease lives, and no longer', () => {
  const secret = { ttl: 1, maxTtl: 1, renewable: true, internal: {} };
  const bytes = encodeLease({ ...plain, clientToken: 's.x', secret });
  const row = { 'sys/expire/token/h1/h2': encodeUtf8(id) };
  const begun = [lease('registered', id)];
  expect(said(begun, { [stored]: bytes, ...row })).toEqual([]);
  expect(said(begun, { [stored]: bytes })).toEqual([`n1: the lease ${id} is in the index of no token`]);
  expect(said([...begun, lease('revoked', id)], row)).toEqual([
    `n1: the lease ${id} was revoked and still counts as held`,
  ]);
  expect(said([...begun, write(stored)], row)).toEqual([]);
});

test("a revoked token is nobody's child, and what it left is not its own", () => {
  const events = [revoked('gone', 'h1')];
  expect(said(events, { 'sys/token/parent/h0/h2': some })).toEqual([]);
  expect(said(events, { 'sys/token/parent/h0/h1': some })).toEqual([
    'n1: the revoked token h1 still counts as a child',
  ]);
  expect(said(events, { 'sys/token/parent/h0/h1.ns1': some })).toHaveLength(1);
  const orphan = { 'sys/token/id/h2': token('a', 'c1') };
  expect(said(events, orphan)).toEqual([]);
  expect(said(events, { ...orphan, 'sys/token/parent/h1/h2': some })).toEqual([
    'n1: the orphan h2 still counts as a child of h1, which was revoked',
  ]);
});

test('a secret has the data of the versions that it names, and of no others', () => {
  const salt = encodeUtf8('a-salt');
  const place = (number: number): string => {
    const id = encodeHex(crypto.hash('sha256', concatBytes(salt, encodeUtf8(`a|${number}`))));
    return `logical/u1/u1/versions/${id.slice(0, 3)}/${id.slice(3)}`;
  };
  const version = { createdTime: undefined, deletionTime: undefined };
  const versions = new Map([
    [2, { ...version, destroyed: true }],
    [3, { ...version, destroyed: false }],
  ]);
  const metadata = encodeMetadata({ ...newMetadata('a'), versions, currentVersion: 3, oldestVersion: 2 });
  const rest = { 'logical/u1/u1/salt': salt, 'logical/u1/u1/metadata/x': metadata };
  expect(said([], { ...rest, [place(3)]: some })).toEqual([]);
  expect(said([], rest)).toEqual(['n1: version 3 of a has no data']);
  expect(said([], { ...rest, [place(1)]: some, [place(2)]: some, [place(3)]: some })).toEqual([
    'n1: version 2 of a was destroyed and is still stored',
    'n1: version 1 of a is one too many and still stored',
  ]);
});

test('the archive of a key of transit goes with the key', () => {
  const archive = { 'logical/uuid/archive/k': encodeUtf8('{"keys":[{}]}') };
  expect(said([], archive)).toEqual(['n1: the key k is gone, and its archive is not']);
  expect(said([], { ...archive, 'logical/uuid/policy/k': some })).toEqual([]);
  expect(said([], { 'logical/uuid/archive/k': encodeUtf8('{"value":1}') })).toEqual([]);
});

test('with a mount goes what it stored and lent, with a namespace all', () => {
  const row = (uuid: string, path: string): Uint8Array =>
    encodeUtf8(`{"table":"mounts","path":"${path}","type":"kv","uuid":"${uuid}"}`);
  const whole = {
    'core/mounts/u0': row('u0', 'sys/'),
    'core/mounts/u1': row('u1', 'kv/'),
    'core/namespaces/ns': encodeUtf8('{}'),
    'namespaces/ns/core/mounts/u2': row('u2', 'db/'),
    'logical/u1/a': some,
    'namespaces/ns/logical/u2/a': some,
    'namespaces/ns/sys/expire/id/db/creds/a': bare,
  };
  expect(said([], whole)).toEqual([]);
  expect(said([], { ...whole, 'logical/u3/a': some })).toEqual(['n1: the mount u3 is gone, and logical/u3/a is not']);
  expect(said([], { ...whole, 'sys/expire/id/db/creds/a': bare })).toEqual(['n1: the lease db/creds/a is of no mount']);
  const { 'core/namespaces/ns': gone, ...rest } = whole;
  expect(gone).toBeDefined();
  expect(said([], rest)).toEqual(['n1: the namespace ns is gone, and namespaces/ns/core/mounts/u2 is not']);
});
