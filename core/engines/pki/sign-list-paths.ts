/** Revocation lists made outside: those of several clusters put together and signed anew, and lists of given entries. */
import { quote } from '../../codec/go-quote.ts';
import { Base64Error, decodeBase64, encodeBase64 } from '../../codec/base64.ts';
import { compareText } from '../../codec/bytes.ts';
import { decodeHex } from '../../codec/hex.ts';
import { isObject, type JsonObject, type JsonValue } from '../../codec/json.ts';
import { decodePem } from '../../codec/pem.ts';
import { refuse } from '../../fault.ts';
import { publicKeyOf } from '../../crypto/keys/key.ts';
import { usualAlgorithm } from '../../crypto/x509/algorithm.ts';
import { isSignedBy } from '../../crypto/x509/certificate.ts';
import { isMalformed } from '../../crypto/x509/error.ts';
import type { Extension } from '../../crypto/x509/extension.ts';
import { EXTENSION } from '../../crypto/x509/oids.ts';
import {
  deltaIndicator,
  makeRevocationList,
  parseRevocationList,
  revocationListPem,
  type RevocationList,
  type RevokedEntry,
} from '../../crypto/x509/revocation-list.ts';
import { CoercionError, goValue, toBool, toText } from '../../framework/coerce.ts';
import { toMicros, toWallMicros } from '../../framework/coerce-time.ts';
import { field } from '../../framework/field.ts';
import { reply, type Answer } from '../../framework/reply.ts';
import { SECOND, type Micros } from '../../runtime.ts';
import { AuthorityProblem, authorityOf, type Authority } from './authority.ts';
import { pkiPaths, randomOf, storeOf, type PkiCall } from './call.ts';
import { checkSigner, signedOr } from './external-keys.ts';
import { byReference, issuerRef } from './fields.ts';
import { serialText } from './show.ts';
import { Unresolved } from './store.ts';

const fields = {
  issuer_ref: issuerRef,
  crl_number: field.int('The number of the list.'),
  delta_crl_base_number: field.int('The number of the whole list that this one adds to; -1: it is a whole one.', {
    default: -1,
  }),
  format: field.string('"pem" or "der"; "der" is in base64.', { default: 'pem' }),
  next_update: field.string('How long the list is good.', { default: '72h' }),
};

interface ListInput {
  readonly issuer_ref: string;
  readonly crl_number?: number | undefined;
  readonly delta_crl_base_number: number;
  readonly format: string;
  readonly next_update: string;
}

function formatOf({ format }: ListInput): 'pem' | 'der' {
  const known = format.toLowerCase();
  if (known === 'pem' || known === 'der') return known;
  throw refuse(`unknown format value of ${format}`);
}

/** What `work` throws as a refusal with `where` in front. */
function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error ? refuse(`${where}${error.message}`) : error;
  }
}

function lifetimeOf(input: ListInput): Micros {
  const next = within('invalid value for next_update: ', () => toMicros(input.next_update));
  if (next <= 0) throw refuse('next_update parameter must be greater than 0');
  if ((input.crl_number ?? 0) < 0) throw refuse('crl_number parameter must be 0 or greater');
  if (input.delta_crl_base_number < -1) throw refuse('delta_crl_base_number parameter must be -1 or greater');
  if (input.issuer_ref === '') throw refuse('issuer_ref parameter cannot be blank');
  return next;
}

async function authority({ issuer_ref: reference }: ListInput, call: PkiCall): Promise<Authority> {
  const store = storeOf(call);
  try {
    await store.issuer(reference);
    return await authorityOf(store, reference, 'crl-signing');
  } catch (error) {
    if (error instanceof Unresolved) throw refuse(`failed to resolve issuer issuer_ref: ${error.message}`);
    throw error instanceof AuthorityProblem ? refuse(error.message) : error;
  }
}

interface Wanted {
  readonly by: Authority;
  readonly format: 'pem' | 'der';
  readonly lifetime: Micros;
  readonly revoked: readonly RevokedEntry[];
  readonly extensions: readonly Extension[];
}

async function signedList(input: ListInput, wanted: Wanted, call: PkiCall): Promise<JsonObject> {
  const { certificate, key, issuer } = wanted.by;
  const { crypto } = call.runtime;
  const base = input.delta_crl_base_number;
  const algorithm = issuer.revocationAlgorithm ?? usualAlgorithm(publicKeyOf(crypto, key));
  const what = 'error creating new CRL';
  checkSigner(what, key, algorithm);
  const made = makeRevocationList(
    crypto,
    {
      rawIssuer: certificate.rawSubject,
      authorityKeyId: certificate.subjectKeyId,
      number: input.crl_number ?? 0,
      thisUpdate: Math.floor(call.now() / SECOND),
      nextUpdate: Math.floor((call.now() + wanted.lifetime) / SECOND),
      revoked: wanted.revoked,
      extra: [...wanted.extensions, ...(base < 0 ? [] : [deltaIndicator(base)])],
    },
    { key, algorithm },
    randomOf(call),
  );
  const bytes = await signedOr(what, made);
  return { crl: wanted.format === 'der' ? encodeBase64(bytes) : revocationListPem(bytes) };
}

function parsedList(text: string, at: number): RevocationList {
  const where = `failed decoding crl ${at}: `;
  const found = decodePem(text);
  if (found === undefined || found.rest.length > 0) throw refuse(`${where}invalid crl; should be one PEM block only`);
  try {
    return parseRevocationList(found.block.bytes);
  } catch (error) {
    throw isMalformed(error) ? refuse(where + error.message) : error;
  }
}

async function resign(input: ListInput & { readonly crls?: readonly string[] | undefined }, call: PkiCall) {
  const format = formatOf(input);
  const lifetime = lifetimeOf(input);
  const lists = (input.crls ?? []).map(parsedList);
  const by = await authority(input, call);
  const publicKey = by.certificate.publicKey ?? publicKeyOf(call.runtime.crypto, by.key);
  const foreign = lists.findIndex((list) => !isSignedBy(call.runtime.crypto, list, publicKey));
  if (foreign >= 0) throw refuse(`CRL index: ${foreign} was not signed by requested issuer`);
  const warnings: string[] = [];
  const known = new Map<string, RevokedEntry>();
  for (const { serial, at } of lists.flatMap(({ revoked }) => revoked)) {
    const text = serialText(serial);
    const before = known.get(text);
    if (before !== undefined && before.at !== at) {
      warnings.push(`Duplicate serial ${text} with different revocation times detected, using oldest revocation time`);
    }
    if (before === undefined || before.at > at) known.set(text, { serial, at, extensions: [] });
  }
  const revoked = [...known].sort(([a], [b]) => compareText(a, b)).map(([, entry]) => entry);
  const data = await signedList(input, { by, format, lifetime, revoked, extensions: [] }, call);
  return warnings.length === 0 ? data : reply({ data, warnings });
}

const RESERVED = new Map([
  [EXTENSION.authorityKeyId as string, 'authority key'],
  [EXTENSION.crlNumber, 'crl number'],
  [EXTENSION.deltaCrlIndicator, 'delta crl'],
]);

function shown(error: unknown, value: JsonValue): string {
  return error instanceof CoercionError ? `${error.message}, value: '${goValue(value)}'` : String(error);
}

function textOf(value: JsonValue, name: string): string {
  try {
    return toText(value);
  } catch (error) {
    throw refuse(`'${name}' field value was not a string: ${shown(error, value)}`);
  }
}

function oidOf(entry: JsonObject): string {
  const given = entry['id'];
  if (given === undefined) throw refuse('missing id field');
  const oid = textOf(given, 'id');
  if (oid === '') throw refuse('zero length object identifier');
  for (const [i, arc] of oid.split('.').entries()) {
    if (!/^[+-]?\d+$/.test(arc)) {
      throw refuse(
        `failed parsing asn1 index element ${i} value ${arc}: strconv.Atoi: parsing ${quote(arc)}: invalid syntax`,
      );
    }
  }
  const reserved = RESERVED.get(oid);
  if (reserved !== undefined) throw refuse(`${reserved} object identifier (${oid}) is reserved`);
  return oid;
}

function criticalOf({ critical = null }: JsonObject): boolean {
  return within('critical field value failed to be parsed: ', () => {
    try {
      return toBool(critical);
    } catch (error) {
      const wrong = typeof critical === 'string' ? quote(critical) : JSON.stringify(critical);
      throw error instanceof CoercionError
        ? new CoercionError(`cannot parse '' as bool: strconv.ParseBool: parsing ${wrong}: invalid syntax`)
        : error;
    }
  });
}

function extensionOf(entry: JsonObject): Extension {
  const oid = oidOf(entry);
  const critical = criticalOf(entry);
  const value = entry['value'];
  if (value === undefined) throw refuse("missing 'value' field");
  try {
    return { oid, critical, value: decodeBase64(textOf(value, 'value')) };
  } catch (error) {
    throw error instanceof Base64Error ? refuse(`failed base64 decoding 'value' field: ${error.message}`) : error;
  }
}

function extensionsOf(list: readonly JsonValue[]): Extension[] {
  const extensions = list.map((entry, i) => {
    if (!isObject(entry)) throw refuse(`extension entry ${i} not a map`);
    return within(`failed parsing extension entry ${i}: `, () => extensionOf(entry));
  });
  const twice = extensions.find(({ oid }, i) => extensions.findIndex((other) => other.oid === oid) < i);
  if (twice !== undefined) throw refuse(`duplicate extension id: ${twice.oid}`);
  return extensions;
}

function serialOf(entry: JsonObject): Uint8Array {
  const given = entry['serial_number'];
  if (given === undefined) throw refuse("missing 'serial_number' field");
  const text = textOf(given, 'serial_number').replace(/[:.\- ]/g, '');
  return within("'serial_number' failed converting to bytes: ", () => decodeHex(text));
}

function timeOf(entry: JsonObject): number {
  const given = entry['revocation_time'];
  if (given === undefined) throw refuse("missing 'revocation_time' field");
  return within(`failed parsing time ${goValue(given)}: `, () => Math.floor(toWallMicros(given) / SECOND));
}

function ownExtensions({ extensions = '' }: JsonObject): Extension[] {
  if (extensions === '' || extensions === null) return [];
  if (!Array.isArray(extensions)) throw refuse("'extensions' field did not contain a slice");
  return extensionsOf(extensions as readonly JsonValue[]);
}

/** What is no object is passed over. */
const entriesOf = (list: readonly JsonValue[]): RevokedEntry[] =>
  list.flatMap((entry, i) => {
    if (!isObject(entry)) return [];
    const part = <T>(name: string, work: (entry: JsonObject) => T): T =>
      within(`failed parsing ${name} from entry ${i}: `, () => work(entry));
    return [
      {
        serial: part('serial_number', serialOf),
        at: part('revocation_time', timeOf),
        extensions: part('extensions', ownExtensions),
      },
    ];
  });

interface SignInput extends ListInput {
  readonly revoked_certs?: readonly JsonValue[] | undefined;
  readonly extensions?: readonly JsonValue[] | undefined;
}

async function sign(input: SignInput, call: PkiCall): Promise<Answer> {
  const lifetime = lifetimeOf(input);
  const format = formatOf(input);
  const revoked = entriesOf(input.revoked_certs ?? []);
  const extensions = extensionsOf(input.extensions ?? []);
  const by = await authority(input, call);
  return signedList(input, { by, format, lifetime, revoked, extensions }, call);
}

export const signListPaths = pkiPaths()
  .path(
    'issuer/:issuer_ref/resign-crls',
    'Put lists of one issuer together and sign them anew.',
    { ...fields, crls: field.strings('The lists, each in PEM.') },
    { update: { about: 'Sign the lists as one.', run: resign } },
    { ...byReference, id: { prefix: 'pki-issuer', verb: 'resign', suffix: 'crls' } },
  )
  .path(
    'issuer/:issuer_ref/sign-revocation-list',
    'Sign a list of given entries.',
    {
      ...fields,
      extensions: field.list('Objects with `id`, `critical` and `value`.'),
      revoked_certs: field.list('Objects with `serial_number`, `revocation_time` and `extensions`.'),
    },
    { update: { about: 'Sign a list.', run: sign } },
    { ...byReference, id: { prefix: 'pki-issuer', verb: 'sign', suffix: 'revocation-list' } },
  );
