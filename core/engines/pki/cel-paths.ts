/** CEL roles: programs that look at a request and say which certificate it gets. */
import { CelProgram, CelProgramError } from '../../cel/program.ts';
import type { CelValue } from '../../cel/values.ts';
import { CelMap, Duration, fromJson, List, Message, Optional, Timestamp, TypeValue, Uint } from '../../cel/values.ts';
import type { JsonObject } from '../../codec/json.ts';
import { decodePem } from '../../codec/pem.ts';
import { Fault, failure, refuse } from '../../fault.ts';
import { publicKeyOf, type PublicKey } from '../../crypto/keys/key.ts';
import { isSignedBy, parseCertificate, type Certificate } from '../../crypto/x509/certificate.ts';
import { X509Error } from '../../crypto/x509/error.ts';
import { subjectKeyId } from '../../crypto/x509/key-id.ts';
import { makeCertificate } from '../../crypto/x509/make-certificate.ts';
import type { CertificateRequest } from '../../crypto/x509/request.ts';
import { sentProgram, shownProgram, storedProgram, type StoredProgram } from '../../framework/cel-program.ts';
import { Collection, collection } from '../../framework/collection.ts';
import { field } from '../../framework/field.ts';
import { reply, type Reply } from '../../framework/reply.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { SECOND } from '../../runtime.ts';
import { ReadOnly } from '../../storage/storage.ts';
import { signingAuthority, type Authority } from './authority.ts';
import { pkiPaths, randomOf, sent, storeOf, type PkiCall } from './call.ts';
import { requestMap } from './cel-request.ts';
import { certificateParts, Fields, NotMade } from './cel-template.ts';
import { celEnvironment, OUTPUT } from './cel-types.ts';
import { keepCertificate } from './certificates.ts';
import { signatureFields, validityFields } from './fields.ts';
import { checkSigner, signedOr } from './external-keys.ts';
import { aiaOf, freshest, isSelfSigned, newSerial, requestOf } from './issuance.ts';
import { checkedBits, makeKey, signingAlgorithm } from './key-spec.ts';
import { serialText, shownKey, shownPem } from './show.ts';
import { DEFAULT_REF } from './store.ts';
import { BOTH_ENDS, bothEnds } from './validity.ts';

const roles = collection<StoredProgram>('cel/role/', {
  encode: (program) => ({ cel_program: shownProgram(program) }),
  decode: (stored) => storedProgram((stored as JsonObject)['cel_program'] as JsonObject),
});

function compiled({ variables, expression }: StoredProgram): CelProgram {
  try {
    return new CelProgram(celEnvironment(), variables, expression);
  } catch (error) {
    throw error instanceof CelProgramError ? failure(error.message) : error;
  }
}

const shownRole = (name: string, program: StoredProgram): JsonObject => ({ cel_program: shownProgram(program), name });

async function stored(name: string, program: StoredProgram, call: PkiCall): Promise<JsonObject> {
  compiled(program);
  await new Collection(roles, call.storage).put(name, program);
  return shownRole(name, program);
}

interface CelInput {
  readonly role: string;
  readonly remove_roots_from_chain: boolean;
  readonly ttl: number | undefined;
  readonly not_after: string | undefined;
}

async function programNamed(name: string, call: PkiCall): Promise<StoredProgram> {
  const program = await new Collection(roles, call.storage).get(name);
  if (program === undefined) throw failure('CEL role not found');
  return program;
}

/** The message that the role's program answers with; `more` is what it is given besides. Throws a Fault for all else. */
function outputOf(
  program: StoredProgram,
  name: string,
  call: PkiCall,
  more: readonly [string, CelValue][] = [],
): Fields {
  const bindings = new Map<string, CelValue>([
    ['request', fromJson({ ...call.request.data, role: name })],
    ['now', new Timestamp(BigInt(call.now()) * 1000n)],
    ...more,
  ]);
  try {
    return messageOf(compiled(program).run(bindings));
  } catch (error) {
    throw error instanceof CelProgramError ? failure(`error evaluating mainProgram: ${error.message}`) : error;
  }
}

/** `result`: what is in an optional stands for it. */
function messageOf(result: CelValue): Fields {
  let value: CelValue | undefined = result;
  while (value instanceof Optional) ({ value } = value);
  if (value === undefined) throw failure('unexpected mainProgram result type <nil>');
  if (typeof value === 'boolean') throw failure('request denied');
  if (typeof value === 'string') throw failure(value);
  if (value instanceof TypeValue) throw failure(value.name);
  if (!(value instanceof Message)) throw failure(`unexpected mainProgram result type ${goTypeOf(value)}`);
  const output = new Fields(value.type === OUTPUT ? value : undefined);
  if (!output.has('template')) throw failure('template is nil');
  return output;
}

function goTypeOf(value: CelValue): string {
  if (value === null) return 'structpb.NullValue';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return 'float64';
  if (value instanceof Uint) return 'uint64';
  if (value instanceof Uint8Array) return '[]uint8';
  if (value instanceof Duration) return 'time.Duration';
  if (value instanceof Timestamp) return 'time.Time';
  if (value instanceof List) return value.native === undefined ? '[]ref.Val' : '[]interface {}';
  return value instanceof CelMap && value.native === undefined ? 'map[ref.Val]ref.Val' : 'map[string]interface {}';
}

async function made(
  output: Fields,
  publicKey: PublicKey,
  by: Authority,
  forRequest: boolean,
  call: PkiCall,
): Promise<Uint8Array> {
  const { crypto } = call.runtime;
  const given = forRequest ? output.bytes('subject_key_id') : undefined;
  const id = given === undefined || given.length === 0 ? subjectKeyId(crypto, publicKey) : given;
  const { extra, ...parts } = certificateParts(output.inside('template'), forRequest);
  const algorithm = signingAlgorithm(
    publicKeyOf(crypto, by.key),
    output.number('signature_bits'),
    output.flag('use_pss'),
    forRequest,
  );
  const what = 'unable to create certificate';
  checkSigner(what, by.key, algorithm, by.certificate.publicKey);
  const signed = makeCertificate(
    crypto,
    {
      serial: newSerial(call.runtime),
      rawIssuer: by.certificate.rawSubject,
      publicKey,
      subjectKeyId: id,
      authorityKeyId: by.certificate.subjectKeyId,
      ...aiaOf(by.urls),
      ...parts,
      extra: [...extra, ...freshest(by.urls)],
    },
    { key: by.key, algorithm },
    randomOf(call),
  );
  return signedOr(what, signed);
}

/** A program can ask for what cannot be read again. */
function parsedOwn(bytes: Uint8Array): Certificate {
  try {
    return parseCertificate(bytes);
  } catch (error) {
    throw error instanceof X509Error ? failure(`unable to parse created certificate: ${error.message}`) : error;
  }
}

async function answered(
  output: Fields,
  bytes: Uint8Array,
  own: JsonObject,
  by: Authority,
  call: PkiCall,
): Promise<Reply> {
  const certificate = parsedOwn(bytes);
  const keep = !output.flag('no_store');
  if (keep) await keepCertificate(call.storage, certificate);
  const serial = serialText(certificate.serial);
  const warnings = output.texts('warnings');
  const lease = output.flag('generate_lease')
    ? {
        secret: {
          ...call.secret('pki', { serial_number: serial }),
          ttl: certificate.notAfter * SECOND - call.now(),
        },
      }
    : {};
  return reply({
    data: {
      ...own,
      certificate: shownPem(bytes),
      expiration: certificate.notAfter,
      issuing_ca: shownPem(by.certificate.bytes),
      not_before: certificate.notBefore,
      serial_number: serial,
    },
    ...(warnings.length > 0 ? { warnings } : {}),
    ...lease,
  });
}

async function signer(output: Fields, input: CelInput, call: PkiCall): Promise<Authority> {
  if (!output.flag('no_store') && call.request.standby) throw new ReadOnly();
  const by = await signingAuthority(storeOf(call), output.text('issuer_ref') || DEFAULT_REF);
  if (bothEnds(input)) throw failure(BOTH_ENDS);
  return by;
}

async function issue(input: CelInput, call: PkiCall): Promise<Reply> {
  const output = outputOf(await programNamed(input.role, call), input.role, call);
  const by = await signer(output, input, call);
  const type = output.text('key_type') || 'rsa';
  const checked = checkedBits(type, output.number('key_bits'));
  if ('problem' in checked) {
    throw failure(`invalid cel response for key type, key bits, or signature bits: ${checked.problem}`);
  }
  const key = await makeKey(call.runtime, type, checked.bits);
  const bytes = await made(output, publicKeyOf(call.runtime.crypto, key), by, false, call);
  return answered(output, bytes, shownKey(call.runtime.crypto, key, 'pem', ''), by, call);
}

function celRequest(text: string): CertificateRequest {
  const what = 'failed to parse CSR';
  if (decodePem(text)?.block.type !== 'CERTIFICATE REQUEST') throw failure(`${what}: invalid CSR format`);
  try {
    return requestOf(text);
  } catch (error) {
    throw error instanceof Fault ? failure(`${what}: ${what}`) : error;
  }
}

async function sign(input: CelInput & { readonly csr: string }, call: PkiCall): Promise<Reply> {
  const program = await programNamed(input.role, call);
  const request = sent(call, 'csr') ? celRequest(input.csr) : undefined;
  const output = outputOf(program, input.role, call, [['parsed_csr', requestMap(request)]]);
  const by = await signer(output, input, call);
  if (request === undefined) {
    // What is wrong in the template comes first, as far as it has not to be made a certificate for that.
    try {
      certificateParts(output.inside('template'), true);
    } catch (error) {
      if (!(error instanceof NotMade)) throw error;
    }
    throw failure('csr contains no data');
  }
  const publicKey = request.publicKey!;
  if (!isSignedBy(call.runtime.crypto, request, publicKey)) throw refuse('request signature invalid');
  const bytes = await made(output, publicKey, by, true, call);
  const chain = by.chain.filter((one) => !input.remove_roots_from_chain || !isSelfSigned(parseCertificate(one)));
  const own = { private_key: '', private_key_type: '', ...(chain.length > 0 ? { ca_chain: chain.map(shownPem) } : {}) };
  return answered(output, bytes, own, by, call);
}

const MISSING = "missing required field 'cel_program'";
const name = field.string('Name of the role.', { required: true });
const role = field.string('Name of the CEL role.', { required: true });

const fields = {
  ...validityFields,
  ...signatureFields,
  not_before_duration: field.int64('How long before now it becomes valid, in seconds.', {
    default: 30,
    display: { value: 'Not Before Duration' },
  }),
  remove_roots_from_chain: field.bool('Leave self-signed certificates out of the chain.', { default: false }),
};

export const celPaths = pkiPaths()
  .path(
    'cel/roles/?',
    'Names of the CEL roles.',
    pageFields,
    {
      list: {
        about: 'List the CEL roles.',
        run: ({ after, limit }, call) => new Collection(roles, call.storage).list({ after, limit }),
      },
    },
    { id: { prefix: 'pki', suffix: 'cel-roles' } },
  )
  .path(
    'cel/roles/:name',
    'A CEL role: a program that says which certificates there may be.',
    {
      name,
      cel_program: field.map('`variables`, each with `name` and `expression`, and the `expression` that decides.'),
    },
    {
      read: {
        about: 'Read a CEL role.',
        run: async (input, call) => {
          const program = await new Collection(roles, call.storage).get(input.name);
          return program === undefined ? undefined : shownRole(input.name, program);
        },
      },
      update: {
        about: 'Make or replace a CEL role.',
        forward: true,
        run: (input, call) => {
          if (!sent(call, 'cel_program')) throw failure(MISSING);
          const program = sentProgram(input.cel_program ?? {}, failure);
          if (program.expression === '') throw failure('cel_program.expression cannot be empty');
          return stored(input.name, program, call);
        },
      },
      patch: {
        about: 'Change what is sent.',
        forward: true,
        run: async (input, call) => {
          const present = await new Collection(roles, call.storage).get(input.name);
          if (present === undefined) throw refuse('Unable to fetch cel role entry to patch');
          return stored(input.name, sentProgram(input.cel_program ?? {}, refuse, present), call);
        },
      },
      delete: {
        about: 'Remove a CEL role.',
        forward: true,
        run: async (input, call) => {
          await new Collection(roles, call.storage).delete(input.name);
          return reply({});
        },
      },
    },
    { id: { prefix: 'pki', suffix: 'cel-role' } },
  )
  .path(
    'cel/issue/:role',
    'Issue a certificate and its key as a CEL role says.',
    {
      role,
      ...fields,
      key_bits: field.int('For the program to look at.', { default: 0, display: { value: 0 } }),
      key_type: field.string('For the program to look at.', {
        default: '',
        allowed: ['', 'rsa', 'ec', 'ed25519', 'mldsa'],
        display: { value: '' },
      }),
    },
    { update: { about: 'Issue a certificate.', run: issue } },
    { id: { prefix: 'pki', verb: 'issue', suffix: 'with-cel-role' }, anyInput: true },
  )
  .path(
    'cel/sign/:role',
    'Sign a request as a CEL role says.',
    { role, ...fields, csr: field.string('The request, in PEM.', { default: '' }) },
    { update: { about: 'Sign a request.', run: sign } },
    { id: { prefix: 'pki', verb: 'sign', suffix: 'with-cel-role' }, anyInput: true },
  );
