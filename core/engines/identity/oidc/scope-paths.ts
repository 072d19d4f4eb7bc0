/** identity/oidc/scope: sets of claims that clients may ask for. */
import { quote } from '../../../codec/go-quote.ts';
import { refuse } from '../../../fault.ts';
import { field } from '../../../framework/field.ts';
import type { IdentityCall } from '../fields.ts';
import { identityPaths } from '../fields.ts';
import { checkedTemplate } from './template.ts';

const name = field.string('Name of the scope.', { required: true });

/** The scope that every request has. */
export const OPENID = 'openid';

async function remove(scope: string, { store }: IdentityCall): Promise<void> {
  const users: string[] = [];
  for (const one of await store.providers.list()) {
    if ((await store.providers.get(one))?.scopesSupported.includes(scope) === true) users.push(one);
  }
  if (users.length > 0) {
    throw refuse(
      `unable to delete scope ${quote(scope)} because it is currently referenced by these providers: ${users.join(', ')}`,
    );
  }
  await store.scopes.delete(scope);
}

export const scopePaths = identityPaths()
  .path(
    'oidc/scope/:name',
    'Claims that clients may ask for.',
    {
      name,
      template: field.string('Template of the claims, as text or in base64.'),
      description: field.string('What the scope is for.'),
    },
    {
      write: {
        forward: true,
        run: (sent, call) =>
          call.state.oidc.run(async () => {
            if (sent.name === OPENID) throw refuse(`the ${quote(OPENID)} scope name is reserved`);
            const old = await call.store.scopes.get(sent.name);
            await call.store.scopes.put(sent.name, {
              description: sent.description ?? old?.description ?? '',
              template:
                sent.template === undefined ? (old?.template ?? '') : checkedTemplate(sent.template, call.now()),
            });
          }),
      },
      read: {
        run: async (sent, { store }) => {
          const scope = await store.scopes.get(sent.name);
          return scope && { template: scope.template, description: scope.description };
        },
      },
      delete: { forward: true, run: (sent, call) => call.state.oidc.run(() => remove(sent.name, call)) },
    },
    {
      exists: async (sent, { store }) => (await store.scopes.get(sent.name)) !== undefined,
      id: { prefix: 'oidc', suffix: 'scope' },
    },
  )
  .path(
    'oidc/scope',
    'The names of all scopes.',
    {},
    { list: { run: (_, { store }) => store.scopes.list() } },
    { id: { prefix: 'oidc', suffix: 'scopes' } },
  );
