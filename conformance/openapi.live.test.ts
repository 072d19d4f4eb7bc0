/** Ours says of itself in OpenAPI what the real server says of itself, but for sentences. */
import { expect, test } from 'vitest';
import { askDocument } from './operations.ts';
import { oursInProcess } from './targets/ours.ts';
import { realProgram } from './targets/program.ts';

/** Of what is sent, not compared: what a field is when it is not sent, which must be sent, how it is displayed. */
const LOOSE_IN_REQUESTS = new Set(['default', 'required', 'x-vault-displayAttrs']);

/** What differs still. */
const OPEN = [
  'paths./auth/token/revoke-self.post.requestBody',
  // Needs sudo there too, which that document does not say.
  'paths./sys/seal.x-vault-sudo',
  'paths./sys/step-down.x-vault-sudo',
  'paths./sys/internal/counters/requests.get.deprecated',
  'paths./sys/plugins/catalog/{type}/{name}.parameters',
  'paths./sys/policies/detailed/acl.parameters',
  'paths./sys/policies/detailed/acl/{name}.parameters',
  // Upstream names this one operation by the kind of its mount.
  'components.schemas.OidcWriteOidcPollRequest',
  'paths./auth/oidc/oidc/poll.post.operationId',
  'paths./auth/oidc/oidc/poll.post.requestBody.content.application/json.schema.$ref',
  // A path without operations.
  'paths./kv-v2/^.*$',
  // Upstream has schemas that no operation names.
  'components.schemas.AppRoleLoginResponse',
  'components.schemas.NamespacesListNamespacesResponse',
  'components.schemas.WorkflowsListWorkflowsManageResponse',
  'components.schemas.AppRoleWriteBoundCidrListRequest.properties.bound_cidr_list.deprecated',
  'components.schemas.AppRoleWriteCustomSecretIdRequest.properties.after',
  'components.schemas.AppRoleWriteCustomSecretIdRequest.properties.limit',
  'components.schemas.PkiIssueWithCelRoleRequest.properties.key_type.enum',
  'components.schemas.TokenWriteRoleRequest.properties.token_strictly_bind_ip',
];

type Node = { readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A sentence is a description that is a text: fields may be called so too. */
const isSentence = (key: string, value: unknown): boolean =>
  (key === 'description' || key === 'summary') && (value === undefined || typeof value === 'string');

/** Where two documents differ: the innermost places. Lists are compared as a whole. */
function* differences(real: Node, ours: Node, at: string): Generator<string> {
  const inRequest = /^components\.schemas\.\w+Request\b/.test(at);
  for (const key of new Set([...Object.keys(real), ...Object.keys(ours)])) {
    const [one, other] = [real[key], ours[key]];
    if ((isSentence(key, one) && isSentence(key, other)) || (inRequest && LOOSE_IN_REQUESTS.has(key))) continue;
    const place = at === '' ? key : `${at}.${key}`;
    if (isNode(one) && isNode(other)) yield* differences(one, other, place);
    else if (canonical(one) !== canonical(other)) yield place;
  }
}

const canonical = (value: unknown): string => JSON.stringify(plain(value)) ?? 'nothing';

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isNode(value)) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !isSentence(key, inner));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, plain(inner)]));
}

test('the OpenAPI document has the operations, responses, parameters and schemas of 2.7.2', async () => {
  const [real, ours] = [await askDocument(await realProgram('2.7.2')), await askDocument(oursInProcess())];
  // Ours has engines that 2.7.2 has no more: only what both could have is compared.
  const shared = Object.fromEntries(Object.entries(ours.paths).filter(([path]) => Object.hasOwn(real.paths, path)));
  const schemas = Object.fromEntries(
    Object.entries(ours.components?.schemas ?? {}).filter(([name]) =>
      Object.hasOwn(real.components?.schemas ?? {}, name),
    ),
  );
  const found = [
    ...differences(real.paths, shared, 'paths'),
    ...differences(real.components?.schemas ?? {}, schemas, 'components.schemas'),
  ];
  expect(found.sort()).toEqual([...OPEN].sort());
});
