/** `issue`, `sign` and `sign-verbatim`, with the role's issuer or with one that the path names. */
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { reply, type Reply } from '../../framework/reply.ts';
import { pkiPaths, sent, type PkiCall } from './call.ts';
import { byReference, issuerRef, leafFields, signatureFields, usageFields } from './fields.ts';
import { requestOf } from './issuance.ts';
import { checkedBits } from './key-spec.ts';
import { leafAnswer, unknownRole, type LeafInput } from './leaf.ts';
import { measured } from './measured.ts';
import { roleOf } from './role-paths.ts';
import { PERMISSIVE_ROLE, type Role } from './role.ts';

const role = field.string('Name of the role.', { required: true });
/** Not everybody has one. */
const verbatimOf = field.string('Name of the role.', { always: true });
const csr = field.string('The request, in PEM.', { default: '' });

const issueFields = {
  ...leafFields,
  key_bits: field.int("How long the key is; 0: the role's.", { default: 0, display: { value: 0 } }),
  key_type: field.string("The type of the key; none: the role's.", {
    default: '',
    allowed: ['', 'rsa', 'ec', 'ed25519', 'mldsa'],
    display: { value: '' },
  }),
};

const verbatimFields = {
  ...leafFields,
  ...usageFields,
  ...signatureFields,
  csr,
  basic_constraints_valid_for_non_ca: field.bool('Say that it is no authority.', { default: false }),
};

interface IssueInput extends LeafInput {
  readonly role: string;
  readonly issuer_ref?: string | undefined;
  readonly key_type: string;
  readonly key_bits: number;
}

const ANY_KEY =
  'role key type "any" not allowed for issuing certificates without providing key_type and/or key_bits request parameters';
const KEY_IGNORED = 'parameters key_type and key_bits ignored as role had specific values';

/** A role for keys of any type takes the client's. */
function withKey(known: Role, input: IssueInput, call: PkiCall): Role {
  if (known.key_type !== 'any') return known;
  if (!sent(call, 'key_type')) throw refuse(ANY_KEY);
  const checked = checkedBits(input.key_type, sent(call, 'key_bits') ? input.key_bits : known.key_bits);
  if ('problem' in checked) throw failure(`failed to validate role: ${checked.problem}`);
  if (input.key_type === 'any') throw refuse('unknown key type: any');
  return { ...known, key_type: input.key_type, key_bits: checked.bits };
}

/** Undefined `reference`: the role's issuer. */
type Issue<Input> = (input: Input, reference: string | undefined, call: PkiCall) => Promise<Reply>;

const issue: Issue<IssueInput> = (input, reference, call) =>
  measured('issue', input.role, call, () => issueNow(input, reference, call));

async function issueNow(input: IssueInput, reference: string | undefined, call: PkiCall): Promise<Reply> {
  const known = await roleOf(input.role, call);
  if (known === undefined) throw unknownRole(input.role);
  const own = withKey(known, input, call);
  const answer = await leafAnswer(input, own, reference ?? own.issuer_ref, undefined, false, call);
  if (known.key_type === 'any' || (!sent(call, 'key_type') && !sent(call, 'key_bits'))) return answer;
  const { response } = answer;
  return reply({ ...response, warnings: [...(response.warnings ?? []), KEY_IGNORED] });
}

interface SignInput extends LeafInput {
  readonly role: string;
  readonly csr: string;
}

const sign: Issue<SignInput> = (input, reference, call) =>
  measured('sign', input.role, call, () => signNow(input, reference, call));

async function signNow(input: SignInput, reference: string | undefined, call: PkiCall): Promise<Reply> {
  const known = await roleOf(input.role, call);
  if (known === undefined) throw unknownRole(input.role);
  return leafAnswer(input, known, reference ?? known.issuer_ref, () => requestOf(input.csr), false, call);
}

interface VerbatimInput extends SignInput {
  readonly key_usage: readonly string[];
  readonly ext_key_usage: readonly string[];
  readonly ext_key_usage_oids?: readonly string[] | undefined;
  readonly signature_bits: number;
  readonly use_pss: boolean;
  readonly basic_constraints_valid_for_non_ca: boolean;
}

/** All that a request says, within the times of a role where one is named. */
export function verbatimRole(input: Omit<VerbatimInput, keyof SignInput>, known: Role | undefined): Role {
  const limits = known && {
    ttl: known.ttl,
    max_ttl: known.max_ttl,
    generate_lease: known.generate_lease,
    no_store: known.no_store,
    issuer_ref: known.issuer_ref,
    ...(known.not_before_duration > 0 ? { not_before_duration: known.not_before_duration } : {}),
  };
  return {
    ...PERMISSIVE_ROLE,
    use_csr_common_name: true,
    use_csr_sans: true,
    key_usage: input.key_usage,
    ext_key_usage: input.ext_key_usage,
    ext_key_usage_oids: input.ext_key_usage_oids ?? [],
    signature_bits: input.signature_bits,
    use_pss: input.use_pss,
    basic_constraints_valid_for_non_ca: input.basic_constraints_valid_for_non_ca,
    ...limits,
  };
}

const signVerbatim: Issue<VerbatimInput> = (input, reference, call) =>
  measured('sign-verbatim', input.role, call, () => signVerbatimNow(input, reference, call));

async function signVerbatimNow(input: VerbatimInput, reference: string | undefined, call: PkiCall): Promise<Reply> {
  const known = input.role === '' ? undefined : await roleOf(input.role, call);
  if (input.role !== '' && known === undefined) throw unknownRole(input.role);
  const own = verbatimRole(input, known);
  return leafAnswer(input, own, reference ?? own.issuer_ref, () => requestOf(input.csr), true, call);
}

const VERBATIM_HELP = 'Names, usages and other extensions are taken from the request as they are.';

export const issuePaths = pkiPaths()
  .path(
    'issue/:role',
    'Issue a certificate and its key under a role.',
    { role, issuer_ref: issuerRef, ...issueFields },
    { update: { about: 'Issue a certificate.', run: (input, call) => issue(input, undefined, call) } },
    { id: { prefix: 'pki', verb: 'issue', suffix: 'with-role' } },
  )
  .path(
    'issuer/:issuer_ref/issue/:role',
    'Issue a certificate and its key under a role, by this issuer.',
    { issuer_ref: issuerRef, role, ...issueFields },
    { update: { about: 'Issue a certificate.', run: (input, call) => issue(input, input.issuer_ref, call) } },
    { ...byReference, id: { prefix: 'pki-issuer', verb: 'issue', suffix: 'with-role' } },
  )
  .path(
    'sign/:role',
    'Sign a request under a role.',
    { role, issuer_ref: issuerRef, csr, ...leafFields },
    { update: { about: 'Sign a request.', run: (input, call) => sign(input, undefined, call) } },
    { id: { prefix: 'pki', verb: 'sign', suffix: 'with-role' } },
  )
  .path(
    'issuer/:issuer_ref/sign/:role',
    'Sign a request under a role, by this issuer.',
    { issuer_ref: issuerRef, role, csr, ...leafFields },
    { update: { about: 'Sign a request.', run: (input, call) => sign(input, input.issuer_ref, call) } },
    { ...byReference, id: { prefix: 'pki-issuer', verb: 'sign', suffix: 'with-role' } },
  )
  .path(
    'sign-verbatim(/:role+)?',
    'Sign a request as it is.',
    { role: verbatimOf, issuer_ref: issuerRef, ...verbatimFields },
    {
      update: {
        about: 'Sign a request as it is.',
        run: (input, call) => signVerbatim(input, input.role === '' ? input.issuer_ref : undefined, call),
      },
    },
    { id: { prefix: 'pki', verb: 'sign', suffix: 'verbatim|verbatim-with-role' }, help: VERBATIM_HELP },
  )
  .path(
    'issuer/:issuer_ref/sign-verbatim(/:role+)?',
    'Sign a request as it is, by this issuer.',
    { issuer_ref: issuerRef, role: verbatimOf, ...verbatimFields },
    {
      update: {
        about: 'Sign a request as it is.',
        run: (input, call) => signVerbatim(input, input.issuer_ref, call),
      },
    },
    {
      ...byReference,
      id: { prefix: 'pki-issuer', verb: 'sign', suffix: 'verbatim|verbatim-with-role' },
      help: VERBATIM_HELP,
    },
  );
