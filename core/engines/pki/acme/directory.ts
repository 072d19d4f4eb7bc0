/** A directory of ACME: the mount's own, a role's, an issuer's, or a role's of an issuer; and what it stands for. */
import { noBytes } from '../../../codec/bytes.ts';
import { print, type JsonValue } from '../../../codec/json.ts';
import { encodeUtf8 } from '../../../codec/utf8.ts';
import { field } from '../../../framework/field.ts';
import { reply, type Answer } from '../../../framework/reply.ts';
import { failure } from '../../../fault.ts';
import { hasUsage } from '../authority.ts';
import { storeOf, type PkiCall } from '../call.ts';
import type { Issuer } from '../model.ts';
import { PERMISSIVE_ROLE, USUAL_KEY_USAGE, type Role } from '../role.ts';
import { DEFAULT_REF, Unresolved } from '../store.ts';
import { acmeConfig, acmeRole, isAny, isServed, NO_PATH, roleOfPolicy, type AcmeConfig } from './config.ts';
import { problemFirst, problemOf } from './problem.ts';

const role = field.string('The role of the directory.', { required: true });
const issuer_ref = field.string('The issuer of the directory: its id or its name.', { required: true });

/** Where directories are, in the order in which upstream declares them; `id` is of its operation for bindings. */
export const DIRECTORIES = [
  { base: 'acme', fields: {}, eab: '' },
  { base: 'roles/:role/acme', fields: { role }, eab: 'for-role' },
  { base: 'issuer/:issuer_ref/acme', fields: { issuer_ref }, eab: 'for-issuer' },
  { base: 'issuer/:issuer_ref/roles/:role/acme', fields: { issuer_ref, role }, eab: 'for-issuer-and-role' },
] as const;

export interface Directory {
  /** 'roles/web/acme/': what accounts are of. */
  readonly name: string;
  /** The mount's URL. */
  readonly cluster: string;
  /** The directory's, with a slash at its end. */
  readonly url: string;
  readonly role: Role;
  readonly roleName: string;
  readonly issuer: Issuer;
  readonly config: AcmeConfig;
}

interface Place {
  readonly name: string;
  readonly role: string;
  readonly issuer: string;
}

export function placeOf({ request: { path } }: PkiCall): Place {
  const name = path.slice(0, path.lastIndexOf('/acme/') + '/acme/'.length).replace(/^\/+/, '');
  const whole = path.startsWith('acme/') ? 'acme/' : name;
  const part = (pattern: RegExp): string => pattern.exec(whole)?.[1] ?? '';
  return { name: whole, issuer: part(/^issuer\/([^/]+)\//), role: part(/^(?:issuer\/[^/]+\/)?roles\/([^/]+)\//) };
}

/** The role that a directory stands for. Throws AcmeProblem. */
async function roleAt(place: Place, config: AcmeConfig, call: PkiCall): Promise<{ role: Role; roleName: string }> {
  if (place.role !== '') {
    const found = await acmeRole(place.role, call);
    if (!isAny(config.allowedRoles) && !config.allowedRoles.includes(place.role)) {
      throw problemFirst('serverInternal', 'specified role not allowed by ACME policy');
    }
    return { role: found, roleName: place.role };
  }
  const { defaultDirectoryPolicy: policy } = config;
  if (policy === 'forbid') throw problemFirst('serverInternal', 'default directory not allowed by ACME policy');
  const roleName = roleOfPolicy(policy);
  if (roleName !== undefined) return { role: await acmeRole(roleName, call), roleName };
  const verbatim = {
    use_csr_common_name: true,
    use_csr_sans: true,
    issuer_ref: place.issuer === '' ? DEFAULT_REF : place.issuer,
    key_usage: [...USUAL_KEY_USAGE],
  };
  return { role: { ...PERMISSIVE_ROLE, ...verbatim }, roleName: '' };
}

async function issuerAt(reference: string, config: AcmeConfig, call: PkiCall): Promise<Issuer> {
  const store = storeOf(call);
  const issuer = await store.findIssuer(reference);
  if (issuer === undefined) throw problemFirst('malformed', 'issuer does not exist');
  if (!hasUsage(issuer, 'issuing-certificates') || issuer.keyId === '') {
    throw problemFirst('serverInternal', 'issuer missing proper issuance usage or key');
  }
  if (isAny(config.allowedIssuers)) return issuer;
  for (const [index, name] of config.allowedIssuers.entries()) {
    try {
      if ((await store.issuer(name)).id === issuer.id) return issuer;
    } catch (error) {
      if (!(error instanceof Unresolved)) throw error;
      throw failure(`failed to resolve reference for allowed_issuer entry ${index}: ${error.message}`);
    }
  }
  throw problemFirst('serverInternal', 'specified issuer not allowed by ACME policy');
}

/** Only TLS servers, unless roles decide that here. */
const forServers = (role: Role): Role => ({
  ...role,
  ext_key_usage: ['serverauth'],
  ext_key_usage_oids: [],
  server_flag: true,
  client_flag: false,
  code_signing_flag: false,
  email_protection_flag: false,
});

/** Throws AcmeProblem or a Fault. */
async function directoryOf(config: AcmeConfig, call: PkiCall): Promise<Directory> {
  const cluster = (await storeOf(call).cluster()).path.replace(/\/+$/, '');
  if (cluster === '') throw failure(NO_PATH);
  const place = placeOf(call);
  const { role: found, roleName } = await roleAt(place, config, call);
  const reference = place.issuer === '' ? found.issuer_ref : place.issuer;
  const issuer = await issuerAt(reference, config, call);
  return {
    name: place.name,
    cluster,
    url: `${cluster}/${place.name}`,
    role: config.allowRoleExtKeyUsage ? found : forServers(found),
    roleName,
    issuer,
    config,
  };
}

/** Runs an operation in its directory: 404 where ACME is not served, problems as RFC 8555 has them. */
export async function inDirectory(
  call: PkiCall,
  run: (directory: Directory) => Promise<Answer> | Answer,
): Promise<Answer> {
  const config = await acmeConfig(storeOf(call));
  if (!isServed(config, call)) return reply({ raw: { status: 404, contentType: 'application/json', body: noBytes } });
  try {
    return await run(await directoryOf(config, call));
  } catch (error) {
    return problemOf(error).reply();
  }
}

export const indexLink = ({ url }: Directory): string => `<${url}directory>;rel="index"`;

export const json = (value: JsonValue, status = 200) => ({
  status,
  contentType: 'application/json',
  body: encodeUtf8(print(value)),
});

export const showDirectory = ({ url, config }: Directory): Answer =>
  reply({
    raw: json({
      newNonce: `${url}new-nonce`,
      newAccount: `${url}new-account`,
      newOrder: `${url}new-order`,
      revokeCert: `${url}revoke-cert`,
      keyChange: `${url}key-change`,
      meta: { externalAccountRequired: config.eabPolicy !== 'not-required' },
    }),
  });

/** 204 to GET, 200 to HEAD. */
export function showNonce(directory: Directory, call: PkiCall): Answer {
  const status = call.request.operation === 'read' ? 204 : 200;
  return reply({
    raw: { status, contentType: '', body: noBytes },
    headers: {
      'Cache-Control': ['no-store'],
      'Replay-Nonce': [call.state.nonces.next()],
      Link: [indexLink(directory)],
    },
  });
}
