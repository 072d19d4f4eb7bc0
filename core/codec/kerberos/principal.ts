/** Who is who in Kerberos: names of people and services (RFC 4120, section 5.2.2). */
import type { DerReader } from '../der-reader.ts';
import { der } from '../der.ts';
import { each, generalString, int32, must, readInt32, readText } from './application.ts';

export interface PrincipalName {
  /** A hint that does not make two names differ. */
  readonly type: number;
  readonly parts: readonly string[];
}

/** KRB_NT_PRINCIPAL. */
const USUAL = 1;

/** `HTTP/host@REALM`, where the realm is left out. */
export function principalOf(text: string): PrincipalName {
  const at = text.lastIndexOf('@');
  return { type: USUAL, parts: (at < 0 ? text : text.slice(0, at)).split('/') };
}

export const principalText = ({ parts }: PrincipalName): string => parts.join('/');

export const samePrincipal = (a: PrincipalName, b: PrincipalName): boolean =>
  a.parts.length === b.parts.length && a.parts.every((part, i) => part === b.parts[i]);

export function readPrincipal(reader: DerReader): PrincipalName {
  const inside = reader.sequence();
  return { type: readInt32(must(inside, 0)), parts: each(must(inside, 1), readText) };
}

export const encodePrincipal = ({ type, parts }: PrincipalName): Uint8Array =>
  der.sequence(der.explicit(0, int32(type)), der.explicit(1, der.sequence(...parts.map(generalString))));
