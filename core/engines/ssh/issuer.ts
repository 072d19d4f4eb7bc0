/** Signing keys: `config/issuer/<id>`; which is the default is in `config/issuers`. */
import { asObject, asString } from '../../codec/json-fields.ts';
import type { JsonObject, JsonValue } from '../../codec/json.ts';
import { refuse, type Fault } from '../../fault.ts';
import type { Form } from '../../framework/collection.ts';
import type { SshStore } from './call.ts';

export interface Issuer {
  /** UUID. */
  readonly id: string;
  /** '' for none. */
  readonly name: string;
  /** A line of authorized_keys, as it was given or made. */
  readonly publicKey: string;
  /** PEM, as it was given or made. */
  readonly privateKey: string;
}

export const issuerForm: Form<Issuer> = {
  encode: ({ id, name, publicKey, privateKey }) =>
    new Map<string, JsonValue>([
      ['id', id],
      ['name', name],
      ['public_key', publicKey],
      ['private_key', privateKey],
      ['version', 1],
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    return {
      id: asString(fields['id']) ?? '',
      name: asString(fields['name']) ?? '',
      publicKey: asString(fields['public_key']) ?? '',
      privateKey: asString(fields['private_key']) ?? '',
    };
  },
};

export const DEFAULT = 'default';

export const shownIssuer = ({ id, name, publicKey }: Issuer): JsonObject => ({
  issuer_id: id,
  issuer_name: name,
  public_key: publicKey,
});

/** What a client calls an issuer, with "default" in lower case. */
export function referenceIn(sent: string): string {
  const reference = sent.trim();
  return reference.toLowerCase() === DEFAULT ? DEFAULT : reference;
}

export const noDefault = (): Fault => refuse('no default issuer currently configured');

/** '' for none. */
export const defaultIssuerId = async (store: SshStore): Promise<string> =>
  (await store.config.get('issuers'))?.default ?? '';

export const setDefaultIssuer = (store: SshStore, id: string): Promise<void> =>
  store.config.put('issuers', { default: id });

/** By id, name or "default". Throws a refusal. */
export async function issuerOf(store: SshStore, reference: string): Promise<Issuer> {
  if (reference !== DEFAULT) {
    const found = await findIssuer(store, reference);
    if (found === undefined) throw refuse(`unable to find issuer for reference: ${reference}`);
    return found;
  }
  const id = await defaultIssuerId(store);
  if (id === '') throw noDefault();
  const issuer = await store.issuers.get(id);
  if (issuer === undefined) throw refuse(`ssh issuer id '${id}' does not exist`);
  return issuer;
}

/** By id, or else by name. */
export async function findIssuer(store: SshStore, reference: string): Promise<Issuer | undefined> {
  const direct = reference.length === 36 ? await store.issuers.get(reference) : undefined;
  return direct ?? (await allIssuers(store)).find(({ name }) => name === reference);
}

export async function allIssuers(store: SshStore): Promise<Issuer[]> {
  const issuers: Issuer[] = [];
  for (const id of await store.issuers.list()) {
    const issuer = await store.issuers.get(id);
    if (issuer !== undefined) issuers.push(issuer);
  }
  return issuers;
}

const NAME = /^\w(?:[\w.-]*\w)?$/;

/** A name that an issuer is to have: '' when none was sent. `own` is the name that it has already. */
export async function newName(store: SshStore, sent: string | undefined, own?: string): Promise<string> {
  if (sent === undefined) return '';
  const name = sent.trim();
  if (name === '') throw refuse('expected non-empty issuer name');
  if (name.toLowerCase() === DEFAULT) throw refuse("reserved keyword 'default' can not be used as issuer name");
  if (!NAME.test(name)) throw refuse('issuer name contained invalid characters');
  if (name !== own && (await findIssuer(store, name)) !== undefined) throw refuse('issuer name already in use');
  return name;
}

const MAX_SCANNED = 100;
const MAX_FOUND = 10;

/** Warns of roles that call an issuer so, as far as a short look finds them. */
export async function warnOfRoles(store: SshStore, name: string, warnings: string[]): Promise<void> {
  let found = 0;
  let scanned = 0;
  let cutShort = false;
  for (const role of await store.roles.list()) {
    if ((await store.roles.get(role))?.issuer_ref === name) found++;
    cutShort = found >= MAX_FOUND || ++scanned >= MAX_SCANNED;
    if (cutShort) break;
  }
  if (!cutShort) {
    if (found > 0) warnings.push(`${found} roles reference '${name}'`);
  } else if (found === 0) warnings.push(`Unable to check if any roles referenced this issuer by '${name}'`);
  else warnings.push(`The name '${name}' was in use by at least ${found} roles`);
}
