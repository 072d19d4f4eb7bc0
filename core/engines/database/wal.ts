/**
 * What is about to be changed in a database, written down before: between the change and the write of its outcome a
 * node may die, and the new password must not die with it.
 */
import { asString } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import { putWal, type Wal } from '../../framework/wal.ts';
import type { Micros } from '../../runtime.ts';
import type { Mounted } from './call.ts';

export interface RootRotation {
  readonly kind: 'rotateRootWALKey';
  readonly connection: string;
  readonly username: string;
  readonly oldPassword: string;
  readonly newPassword: string;
}

export interface StaticRotation {
  readonly kind: 'staticRotationKey';
  readonly role: string;
  readonly username: string;
  readonly newPassword: string;
  /** Wall; 0: never. */
  readonly lastRotation: Micros;
}

const encodeRoot = ({ connection, username, oldPassword, newPassword }: RootRotation): JsonObject => ({
  ConnectionName: connection,
  UserName: username,
  OldPassword: oldPassword,
  NewPassword: newPassword,
});

const encodeStatic = ({ role, username, newPassword, lastRotation }: StaticRotation): JsonObject => ({
  role_name: role,
  username,
  new_password: newPassword,
  last_vault_rotation: lastRotation === 0 ? '0001-01-01T00:00:00Z' : formatRfc3339(lastRotation),
});

const decodeRoot = (data: JsonObject): RootRotation => ({
  kind: 'rotateRootWALKey',
  connection: asString(data['ConnectionName']) ?? '',
  username: asString(data['UserName']) ?? '',
  oldPassword: asString(data['OldPassword']) ?? '',
  newPassword: asString(data['NewPassword']) ?? '',
});

const decodeStatic = (data: JsonObject): StaticRotation => ({
  kind: 'staticRotationKey',
  role: asString(data['role_name']) ?? '',
  username: asString(data['username']) ?? '',
  newPassword: asString(data['new_password']) ?? '',
  lastRotation: Math.max(0, parseRfc3339(asString(data['last_vault_rotation']) ?? '') ?? 0),
});

/** The name of the note. */
export const noteRotation = ({ storage, context }: Mounted, what: RootRotation | StaticRotation): Promise<string> =>
  putWal(context.runtime, storage, what.kind, what.kind === 'rotateRootWALKey' ? encodeRoot(what) : encodeStatic(what));

export const rootRotationIn = ({ kind, data }: Wal): RootRotation | undefined =>
  kind === 'rotateRootWALKey' ? decodeRoot(data) : undefined;

export const staticRotationIn = ({ kind, data }: Wal): StaticRotation | undefined =>
  kind === 'staticRotationKey' ? decodeStatic(data) : undefined;
