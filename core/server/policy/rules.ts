/** A policy once parsed: plain data, shared by all ACLs that are built from it. */
import type { JsonValue } from '../../codec/json.ts';
import type { Namespace } from '../../framework/logical.ts';
import type { ControlGroup } from './control-group.ts';
import type { Micros } from '../../runtime.ts';

/** Parameter names (lower case) and the values that are allowed or denied for them; an empty list means any value. */
export type ParameterValues = ReadonlyMap<string, readonly JsonValue[]>;

export interface PathRule {
  /** Without a leading '/'. A prefix rule has lost its '*', unless it also has '+' segments. */
  readonly path: string;
  readonly prefix: boolean;
  readonly wildcards: boolean;
  /** Bits of capability.ts; an explicit deny stands alone. */
  readonly capabilities: number;
  readonly allowed: ParameterValues;
  readonly denied: ParameterValues;
  readonly required: readonly string[];
  /** Micros; 0: none. */
  readonly minWrappingTtl: Micros;
  readonly maxWrappingTtl: Micros;
  /** 0: none. */
  readonly paginationLimit: number;
  /** Wall micros after which the rule counts as absent; 0: never. */
  readonly expiration: Micros;
  readonly keysFilterPath: string;
  readonly controlGroup: ControlGroup | undefined;
}

/** What an ACL is built from. */
export interface PolicyRules {
  readonly name: string;
  /** Where the policy is: its paths are relative to it. */
  readonly namespace: Namespace;
  readonly paths: readonly PathRule[];
}

export const noParameters: ParameterValues = new Map();
