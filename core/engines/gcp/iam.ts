/** Google's IAM as far as credentials are made by it: service accounts, their keys, and what projects let them do. */
import { asList, asObject, asString, asStrings } from '../../codec/json-fields.ts';
import type { JsonObject } from '../../codec/json.ts';
import { type GoogleAsk, GoogleError } from './client.ts';

const IAM = 'https://iam.googleapis.com/v1';
const PROJECTS = 'https://cloudresourcemanager.googleapis.com/v1/projects';
const CREDENTIALS = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts';
/** When somebody else changes a project's policy at the same time. */
const ATTEMPTS = 5;

export interface ServiceAccount {
  readonly email: string;
  readonly project: string;
}

const toAccount = (found: JsonObject): ServiceAccount => ({
  email: asString(found['email']) ?? '',
  project: asString(found['projectId']) ?? '',
});

export const resourceOf = ({ project, email }: ServiceAccount): string =>
  `projects/${project}/serviceAccounts/${email}`;

export const getAccount = async (ask: GoogleAsk, email: string): Promise<ServiceAccount> =>
  toAccount(await ask('GET', `${IAM}/projects/-/serviceAccounts/${email}`));

export async function createAccount(
  ask: GoogleAsk,
  project: string,
  accountId: string,
  displayName: string,
): Promise<ServiceAccount> {
  const body = { accountId, serviceAccount: { displayName } };
  return toAccount(await ask('POST', `${IAM}/projects/${project}/serviceAccounts`, body));
}

export const deleteAccount = (ask: GoogleAsk, account: ServiceAccount): Promise<void> =>
  unlessGone(() => ask('DELETE', `${IAM}/${resourceOf(account)}`));

export interface ServiceAccountKey {
  readonly name: string;
  readonly privateKeyData: string;
  readonly keyAlgorithm: string;
  readonly privateKeyType: string;
}

export async function createKey(
  ask: GoogleAsk,
  account: ServiceAccount,
  keyAlgorithm: string,
  privateKeyType: string,
): Promise<ServiceAccountKey> {
  const made = await ask('POST', `${IAM}/${resourceOf(account)}/keys`, { keyAlgorithm, privateKeyType });
  const text = (name: string): string => asString(made[name]) ?? '';
  return {
    name: text('name'),
    privateKeyData: text('privateKeyData'),
    keyAlgorithm: text('keyAlgorithm'),
    privateKeyType: text('privateKeyType'),
  };
}

export const getKey = (ask: GoogleAsk, name: string): Promise<JsonObject> => ask('GET', `${IAM}/${name}`);
export const deleteKey = (ask: GoogleAsk, name: string): Promise<void> =>
  unlessGone(() => ask('DELETE', `${IAM}/${name}`));

/** Makes `roles` those that the account has on the project, of those in `among`; others' stay. */
export async function setRoles(
  ask: GoogleAsk,
  project: string,
  email: string,
  roles: readonly string[],
  among: readonly string[],
): Promise<void> {
  const member = `serviceAccount:${email}`;
  for (let attempt = 1; ; attempt++) {
    const policy = await ask('POST', `${PROJECTS}/${project}:getIamPolicy`, {});
    const bindings = (asList(policy['bindings']) ?? []).map((one) => asObject(one) ?? {});
    const rest = bindings.map((binding) => without(binding, among, member));
    const changed = [...rest, ...roles.map((role) => ({ role, members: [member] }))];
    const kept = merged(changed).filter(({ members }) => members.length > 0);
    try {
      await ask('POST', `${PROJECTS}/${project}:setIamPolicy`, { policy: { ...policy, bindings: kept } });
      return;
    } catch (error) {
      if (!(error instanceof GoogleError && error.status === 409) || attempt === ATTEMPTS) throw error;
    }
  }
}

interface Binding {
  readonly role: string;
  readonly members: readonly string[];
}

function without(binding: JsonObject, among: readonly string[], member: string): Binding {
  const role = asString(binding['role']) ?? '';
  const members = asStrings(binding['members']) ?? [];
  return { role, members: among.includes(role) ? members.filter((one) => one !== member) : members };
}

function merged(bindings: readonly Binding[]): { role: string; members: string[] }[] {
  const byRole = new Map<string, Set<string>>();
  for (const { role, members } of bindings) {
    const all = byRole.get(role) ?? new Set<string>();
    for (const member of members) all.add(member);
    byRole.set(role, all);
  }
  return [...byRole].map(([role, members]) => ({ role, members: [...members] }));
}

export interface Impersonation {
  readonly token: string;
  /** RFC 3339. */
  readonly expires: string;
}

export async function impersonate(
  ask: GoogleAsk,
  email: string,
  scope: readonly string[],
  seconds: number,
): Promise<Impersonation> {
  const body = { scope: [...scope], lifetime: `${seconds}s` };
  const given = await ask('POST', `${CREDENTIALS}/${email}:generateAccessToken`, body);
  return { token: asString(given['accessToken']) ?? '', expires: asString(given['expireTime']) ?? '' };
}

async function unlessGone(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof GoogleError && error.status === 404)) throw error;
  }
}
