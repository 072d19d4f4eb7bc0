/** What the paths under identity/ ask of the server's directory of entities and groups, which implements it. */
import type { BackendContext } from '../../framework/logical.ts';
import type { MfaStore } from './mfa/model.ts';
import type { StoredAlias, StoredEntity, StoredGroup, Texts } from './model.ts';

export interface AliasMount {
  readonly type: string;
  /** With 'auth/' in front for auth mounts. */
  readonly path: string;
  readonly local: boolean;
  /** Its own; an alias may say more than that. */
  readonly accessor: string;
}

/**
 * Reads answer from memory and are right after `ready`. Writes go to storage first, then to memory; they belong into
 * `exclusive`, which lets one change at a time run.
 */
export interface Directory {
  ready(): Promise<void>;
  exclusive<T>(body: () => Promise<T>): Promise<T>;

  entity(id: string): StoredEntity | undefined;
  /** Whatever the case. */
  entityByName(name: string): StoredEntity | undefined;
  /** The entity that one of this id was merged into. */
  entityByMergedId(id: string): StoredEntity | undefined;
  /** By id, in order. */
  entities(): readonly StoredEntity[];
  alias(id: string): StoredAlias | undefined;
  aliasOf(mountAccessor: string, name: string): StoredAlias | undefined;
  aliases(): readonly StoredAlias[];
  entityCount(): number;

  group(id: string): StoredGroup | undefined;
  /**
   * Of whatever namespace groups may have members from (`unsafe_cross_namespace_identity`); undefined for one of another
   * namespace where they may not. `groupsOf`, `childrenOf` and `putGroup` go as far.
   */
  entityAnywhere(id: string): StoredEntity | undefined;
  groupAnywhere(id: string): StoredGroup | undefined;
  groupByName(name: string): StoredGroup | undefined;
  groups(): readonly StoredGroup[];
  groupAlias(id: string): StoredAlias | undefined;
  groupAliasOf(mountAccessor: string, name: string): StoredAlias | undefined;
  groupAliases(): readonly StoredAlias[];
  /** Groups that have the entity as a direct member. */
  groupsOf(entityId: string): readonly StoredGroup[];
  /** Groups that have the group as a parent. */
  childrenOf(groupId: string): readonly StoredGroup[];

  putEntity(entity: StoredEntity): Promise<void>;
  /** Like `putEntity`, but aliases that were the entity's before are found as they were, until they are read again. */
  putMerged(entity: StoredEntity): Promise<void>;
  deleteEntity(id: string): Promise<void>;
  /** Stores with the next modify index. */
  putGroup(group: StoredGroup): Promise<void>;
  deleteGroup(id: string): Promise<void>;
  /** Forgets the alias, though its entity may still show it: what a merge leaves behind. */
  dropAlias(id: string): void;

  entityBucket(id: string): string;
  localAliasBucket(id: string): string;
  groupBucket(id: string): string;
  /** For something new; with the namespace's id at its end outside of root. */
  uuid(): string;
  /** Wall micros, never the same twice in a row: upstream's clock counts nanoseconds. */
  now(): number;
  /** The mount with this accessor, if there is one. */
  mount(accessor: string): AliasMount | undefined;
  /** Whether the mount with this accessor is one of another namespace. */
  isElsewhere(accessor: string): boolean;
}

/** A token as far as OIDC looks at it. */
export interface KnownToken {
  readonly entityId: string;
  readonly type: string;
  readonly meta: Texts | undefined;
  readonly internalMeta?: Texts;
  /** Wall micros. */
  readonly creationTime: number;
}

/** What OIDC asks of the server around it. */
export interface IdentityServer {
  /** 'http://127.0.0.1:8200': what issuers are called unless they are given a name. */
  readonly apiAddr: string;
  token(id: string): Promise<KnownToken | undefined>;
  /** A batch token that may do what the policy's text says and nothing else; `ttl` in micros. */
  accessToken(token: {
    readonly entityId: string;
    readonly path: string;
    readonly ttl: number;
    readonly inlinePolicy: string;
    readonly internalMeta: Texts;
  }): Promise<string>;
}

export interface IdentityContext extends BackendContext {
  readonly directory: Directory;
  readonly server: IdentityServer;
  readonly mfa: MfaStore;
}
