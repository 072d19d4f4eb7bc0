/** Fields that several operations of a `pki` mount share. */
import { field, type Field } from '../../framework/field.ts';
import { USUAL_KEY_USAGE } from './role.ts';
import { DEFAULT_REF } from './store.ts';

export const KEY_TYPES = ['rsa', 'ec', 'ed25519', 'mldsa'] as const;

const named = (name: string) => ({ display: { name } });

/** What every certificate may be asked to be. */
export const namesFields = {
  common_name: field.string('The common name; with an "@" it is an e-mail address.'),
  alt_names: field.string('More DNS names and e-mail addresses, with commas between.', {
    ...named('DNS/Email Subject Alternative Names (SANs)'),
  }),
  ip_sans: field.commaStrings('IP addresses.', named('IP Subject Alternative Names (SANs)')),
  uri_sans: field.commaStrings('URIs.', named('URI Subject Alternative Names (SANs)')),
  other_sans: field.commaStrings('Other names, each <oid>;utf8:<value>.', named('Other SANs')),
  exclude_cn_from_sans: field.bool('Keep the common name out of the alternative names.', {
    default: false,
    ...named('Exclude Common Name from Subject Alternative Names (SANs)'),
  }),
  serial_number: field.string("The subject's serial number; not the certificate's."),
};

export const validityFields = {
  ttl: field.seconds('How long it is to be valid.', named('TTL')),
  not_before: field.string('From when it is valid: RFC 3339.'),
  not_after: field.string('Until when it is valid, instead of a TTL: RFC 3339.'),
};

export const formatFields = {
  format: field.string('"pem", "der" in base64, or "pem_bundle" with all of it in one text.', {
    default: 'pem',
    allowed: ['pem', 'der', 'pem_bundle'],
    display: { value: 'pem' },
  }),
  private_key_format: field.string('"der": as `format` says; "pkcs8": PKCS#8 in the same encoding.', {
    default: 'der',
    allowed: ['', 'der', 'pem', 'pkcs8'],
    display: { value: 'der' },
  }),
};

/** Of a certificate that is no authority's. */
export const leafFields = {
  ...namesFields,
  ...validityFields,
  ...formatFields,
  remove_roots_from_chain: field.bool('Leave self-signed certificates out of the chain.', { default: false }),
  user_ids: field.commaStrings("User ids for the subject's UID.", named('User ID(s)')),
};

export const subjectFields = {
  ou: field.commaStrings('Organizational units.', named('OU (Organizational Unit)')),
  organization: field.commaStrings('Organizations.'),
  country: field.commaStrings('Countries.'),
  locality: field.commaStrings('Localities.', named('Locality/City')),
  province: field.commaStrings('Provinces.', named('Province/State')),
  street_address: field.commaStrings('Street addresses.', named('Street Address')),
  postal_code: field.commaStrings('Postal codes.', named('Postal Code')),
};

export const notBeforeDuration = field.seconds('How long before now it becomes valid.', {
  default: 30,
  display: { value: 30 },
});

export const signatureFields = {
  signature_bits: field.int('Bits of the hash that is signed: 256, 384 or 512; 0: what goes with the key.', {
    default: 0,
    display: { value: 0 },
  }),
  use_pss: field.bool('Sign with PSS where the key is an RSA one.', { default: false }),
};

/** Of authorities' certificates and the requests for them. */
export const authorityFields = {
  ...namesFields,
  ...validityFields,
  ...formatFields,
  ...subjectFields,
  ...signatureFields,
  not_before_duration: notBeforeDuration,
};

export const usageFields = {
  key_usage: field.commaStrings('What the key may be used for.', { default: [...USUAL_KEY_USAGE] }),
  ext_key_usage: field.commaStrings('Purposes, by name.', { default: [] }),
  ext_key_usage_oids: field.commaStrings('Purposes, by object identifier.'),
};

/** What a request names: spaces around do not count, nor do the letters of "default". */
function reference(about: string): Field<string, true> {
  const text = field.string(about, { default: DEFAULT_REF });
  return {
    ...text,
    decode: (value, name) => {
      const named = text.decode(value, name)?.trim();
      return named?.toLowerCase() === DEFAULT_REF ? DEFAULT_REF : named;
    },
  };
}

export const keyRef = reference('An existing key: its id, its name or "default".');
export const issuerRef = reference('An issuer: its id, its name or "default".');

/** "default" is that in letters of any case; policies see it in small ones. */
export const byReference = {
  resolve: (_: unknown, path: string): string =>
    path.replace(/^(issuer|key)\/default(?=\/|$)/i, (_, kind: string) => `${kind}/${DEFAULT_REF}`),
};

export const keyGenerationFields = {
  external_key_ref: field.string('A key of an external system: "<configuration>:<key>".'),
  key_bits: field.int('How long the key is; 0: the usual length of its type.', { default: 0, display: { value: 0 } }),
  key_name: field.string('A name for the new key.'),
  key_ref: keyRef,
  key_type: field.string('"rsa", "ec", "ed25519" or "mldsa".', {
    default: 'rsa',
    allowed: [...KEY_TYPES],
    display: { value: 'rsa' },
  }),
};

export const issuedAuthorityFields = {
  issuer_name: field.string('A name for the new issuer.'),
  max_path_length: field.int('How many authorities may follow; -1: any number.', { default: -1 }),
  permitted_dns_domains: field.commaStrings('Domains outside of which it may sign for no name.', {
    ...named('Permitted DNS Domains'),
  }),
};

export const EXPORTED = { id: 'exported' } as const;
/** What upstream's document allows is not what the server takes. */
const exported = { about: '"internal", "exported", "existing" or "kms".', allowed: ['internal', 'external', 'kms'] };
export const exportedField = field.string(exported.about, { required: true, allowed: exported.allowed });
/** Where nobody has to say it. */
export const anyExportedField = field.string(exported.about, { always: true, allowed: exported.allowed });
