/** Entities, aliases and groups as they are stored and kept in memory. Times are wall micros. */
import type { Micros } from '../../runtime.ts';

export type Texts = Readonly<Record<string, string>>;

/** Of an entity or of an external group. */
export interface StoredAlias {
  readonly id: string;
  /** The entity or group. */
  readonly canonicalId: string;
  readonly mountType: string;
  readonly mountAccessor: string;
  readonly mountPath: string;
  readonly metadata: Texts | undefined;
  readonly name: string;
  readonly creationTime: Micros;
  readonly lastUpdateTime: Micros;
  readonly mergedFromCanonicalIds: readonly string[];
  readonly namespaceId: string;
  readonly customMetadata: Texts | undefined;
  /** The mount is local: the alias is stored apart from its entity. */
  readonly local: boolean;
  readonly localBucketKey: string;
}

/** What an entity needs to generate one-time passwords; the key itself lies elsewhere. */
export interface MfaSecret {
  readonly methodName: string;
  readonly totp: Uint8Array;
}

export interface StoredEntity {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly StoredAlias[];
  readonly metadata: Texts | undefined;
  readonly creationTime: Micros;
  readonly lastUpdateTime: Micros;
  readonly mergedEntityIds: readonly string[];
  readonly policies: readonly string[];
  readonly bucketKey: string;
  /** By MFA method id. */
  readonly mfaSecrets: Readonly<Record<string, MfaSecret>>;
  readonly disabled: boolean;
  readonly namespaceId: string;
}

/** Lists are undefined where upstream has a nil one, which it shows as null. */
export interface StoredGroup {
  readonly id: string;
  readonly name: string;
  readonly policies: readonly string[] | undefined;
  readonly parentGroupIds: readonly string[] | undefined;
  readonly memberEntityIds: readonly string[] | undefined;
  readonly metadata: Texts | undefined;
  readonly creationTime: Micros;
  readonly lastUpdateTime: Micros;
  readonly modifyIndex: number;
  readonly bucketKey: string;
  readonly alias: StoredAlias | undefined;
  readonly type: 'internal' | 'external';
  readonly namespaceId: string;
}

/** Undefined when empty. */
export const filled = (texts: Texts | undefined): Texts | undefined =>
  texts !== undefined && Object.keys(texts).length > 0 ? texts : undefined;

const some = <T>(list: readonly T[] | undefined): readonly T[] | undefined =>
  list !== undefined && list.length > 0 ? list : undefined;

/** What upstream's cloning before a change does: empty maps become nil. */
export const clonedEntity = (entity: StoredEntity): StoredEntity => ({
  ...entity,
  metadata: filled(entity.metadata),
  aliases: entity.aliases.map((alias) => ({
    ...alias,
    metadata: filled(alias.metadata),
    customMetadata: filled(alias.customMetadata),
  })),
});

export const clonedGroup = (group: StoredGroup): StoredGroup => ({
  ...group,
  metadata: filled(group.metadata),
  policies: some(group.policies),
  parentGroupIds: some(group.parentGroupIds),
  memberEntityIds: some(group.memberEntityIds),
});
