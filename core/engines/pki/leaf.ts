/** Issuing and signing under a role: what the paths, CEL programs and other protocols of this mount all end in. */
import type { JsonObject } from '../../codec/json.ts';
import { failure, refuse } from '../../fault.ts';
import { parseCertificate } from '../../crypto/x509/certificate.ts';
import { EXTENSION } from '../../crypto/x509/oids.ts';
import type { CertificateRequest } from '../../crypto/x509/request.ts';
import { reply, type Reply } from '../../framework/reply.ts';
import { SECOND } from '../../runtime.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { signingAuthority, type Authority } from './authority.ts';
import { storeOf, type PkiCall } from './call.ts';
import { keepCertificate } from './certificates.ts';
import { allowedPatterns } from './identity-patterns.ts';
import { checkRequestKey, isSelfSigned, issueForRequest, issueWithNewKey, type Issued } from './issuance.ts';
import type { NameContext } from './name-rules.ts';
import type { Role } from './role.ts';
import { bundle, checkedFormat, isFormat, serialText, shownCertificate, shownKey, type Format } from './show.ts';
import { wishOf, type WishInput } from './wish.ts';

export interface LeafInput extends WishInput {
  readonly format: string;
  readonly private_key_format: string;
  readonly remove_roots_from_chain: boolean;
}

export async function nameContext(role: Role, call: PkiCall): Promise<NameContext> {
  const globs = role.allow_globs_in_identity_templates;
  return {
    role,
    displayName: call.request.caller?.displayName ?? '',
    domains: await allowedPatterns(role.allowed_domains, role.allowed_domains_template, globs, call),
    uris: await allowedPatterns(role.allowed_uri_sans, role.allowed_uri_sans_template, globs, call),
  };
}

const IGNORED = 'specified CSR contained a Basic Constraints extension that was ignored during issuance';

export interface LeafResult {
  readonly issued: Issued;
  readonly authority: Authority;
  readonly warnings: readonly string[];
}

/** A certificate under a role, kept unless the role says otherwise. Throws a Fault. */
export async function issueLeaf(
  input: WishInput,
  role: Role,
  issuerRef: string,
  request: CertificateRequest | undefined,
  whole: boolean,
  call: PkiCall,
): Promise<LeafResult> {
  const authority = await signingAuthority(storeOf(call), issuerRef);
  if (request !== undefined) checkRequestKey(role, request);
  const wish = wishOf(input, {
    names: await nameContext(role, call),
    system: call.system,
    now: call.now(),
    authority,
    request,
    userIds: true,
  });
  const warnings = [...wish.validity.warnings];
  let issued: Issued;
  if (request === undefined) issued = await issueWithNewKey(call.runtime, wish, role, authority);
  else {
    issued = await issueForRequest(call.runtime, wish, role, authority, request, undefined, whole);
    const constrained = request.extensions.some(({ oid }) => oid === EXTENSION.basicConstraints);
    if (constrained && !role.basic_constraints_valid_for_non_ca) warnings.push(IGNORED);
  }
  if (!role.no_store) await keepCertificate(call.storage, issued.certificate);
  return { issued, authority, warnings };
}

function chainOf({ chain }: Issued, { remove_roots_from_chain: without }: LeafInput): Uint8Array[] {
  return without ? chain.filter((bytes) => !isSelfSigned(parseCertificate(bytes))) : [...chain];
}

function leafData(input: LeafInput, { issued, authority }: LeafResult, call: PkiCall): JsonObject {
  const { crypto } = call.runtime;
  const format: Format = checkedFormat(input.format);
  const { certificate, key } = issued;
  const chain = chainOf(issued, input).map((bytes) => shownCertificate(bytes, format));
  return {
    not_before: certificate.notBefore,
    expiration: certificate.notAfter,
    serial_number: serialText(certificate.serial),
    issuing_ca: shownCertificate(authority.certificate.bytes, format),
    certificate:
      format === 'pem_bundle'
        ? bundle(crypto, key, [certificate.bytes, ...issued.chain])
        : shownCertificate(certificate.bytes, format),
    ...(chain.length > 0 ? { ca_chain: chain } : {}),
    ...(key === undefined ? {} : shownKey(crypto, key, format, input.private_key_format)),
  };
}

/** The answer to whoever asked, leased when the role says so. */
export async function leafAnswer(
  input: LeafInput,
  role: Role,
  issuerRef: string,
  request: (() => CertificateRequest) | undefined,
  whole: boolean,
  call: PkiCall,
): Promise<Reply> {
  if (!role.no_store && call.request.standby) throw new ReadOnly();
  if (issuerRef === '') throw failure('missing issuer reference');
  // The issuer is looked for before the format and the request are looked at.
  if (request !== undefined || !isFormat(input.format)) await signingAuthority(storeOf(call), issuerRef);
  checkedFormat(input.format);
  const result = await issueLeaf(input, role, issuerRef, request?.(), whole, call);
  const warnings: string[] = [];
  if (request !== undefined) {
    if (role.use_csr_common_name && (input.common_name ?? '') !== '') warnings.push(USED('common_name'));
    if (role.use_csr_sans && (input.alt_names ?? '') !== '') warnings.push(USED('alt_names'));
  }
  warnings.push(...result.warnings);
  const data = leafData(input, result, call);
  const { notAfter } = result.issued.certificate;
  return reply({
    data,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(role.generate_lease
      ? {
          secret: {
            ...call.secret('pki', { serial_number: data['serial_number'] as string }),
            ttl: notAfter * SECOND - call.now(),
          },
        }
      : {}),
  });
}

const CSR_FIELDS = { common_name: 'use_csr_common_name', alt_names: 'use_csr_sans' } as const;
const USED = (name: keyof typeof CSR_FIELDS): string =>
  `the ${name} field was provided but the role is set with "${CSR_FIELDS[name]}" set to true`;

export const unknownRole = (name: string) => refuse(`unknown role: ${name}`);
