/** The `token` auth method: paths of auth/token beside creation and roles. */
import { operationIds } from './operation-ids.ts';
import type { Answer } from '../../framework/reply.ts';
import { engine } from '../../framework/engine.ts';
import { field } from '../../framework/field.ts';
import type { Response } from '../../framework/logical.ts';
import { reply } from '../../framework/reply.ts';
import { createPaths } from './create.ts';
import type { TokenContext } from './operations.ts';
import { rolePaths } from './roles.ts';
import { responses } from './responses.ts';

const token = field.string('The token.', { always: true });
const accessor = field.string('The accessor of a token.', { always: true });
const increment = field.duration('How much longer the token is to live.', { default: 0 });

const answer = async (response: Promise<Response | undefined>): Promise<Answer> => {
  const given = await response;
  return given && reply(given);
};

export const tokenAuth = engine<undefined, object, TokenContext>({
  type: 'token',
  class: 'auth',
  operationIds,
  responses,
  about: 'Logs in with tokens, which are made and managed here.',
  renewAuth: async ({ context, request }) => reply(await context.tokens.renewAuth(request)),
})
  .include(rolePaths)
  .path(
    'accessors',
    'Accessors of all tokens.',
    {},
    { list: { about: 'List the accessors.', run: (_, { context }) => answer(context.tokens.accessors()) } },
    { sudo: 'accessors*' },
  )
  .include(createPaths)
  .path(
    'lookup',
    'The properties of a token.',
    { token },
    {
      read: {
        about: 'Look a token up.',
        run: (sent, { context, request }) => answer(context.tokens.show(request, sent.token)),
      },
      update: {
        about: 'Look a token up.',
        run: (sent, { context, request }) => answer(context.tokens.show(request, sent.token)),
      },
    },
  )
  .path(
    'lookup-accessor',
    'The properties of the token with an accessor.',
    { accessor },
    {
      update: {
        about: 'Look a token up by its accessor.',
        run: (sent, { context }) => answer(context.tokens.lookupAccessor(sent.accessor)),
      },
    },
  )
  .path(
    'lookup-self',
    'The properties of the token that is used.',
    { token },
    {
      read: {
        about: 'Look up the own token.',
        run: (_, { context, request }) => answer(context.tokens.show(request, '')),
      },
      update: {
        about: 'Look up the own token.',
        run: (_, { context, request }) => answer(context.tokens.show(request, '')),
      },
    },
  )
  .path(
    'revoke-accessor',
    'Revokes the token with an accessor and its children.',
    { accessor },
    {
      update: {
        about: 'Revoke by accessor.',
        run: (sent, { context }) => answer(context.tokens.revokeAccessor(sent.accessor)),
      },
    },
  )
  .path(
    'revoke-self',
    'Revokes the token that is used and its children.',
    {},
    {
      update: {
        about: 'Revoke the own token.',
        run: (_, { context, request }) => answer(context.tokens.revoke(request.clientToken)),
      },
    },
  )
  .path(
    'revoke',
    'Revokes a token and its children.',
    { token },
    {
      update: { about: 'Revoke a token.', run: (sent, { context }) => answer(context.tokens.revoke(sent.token)) },
    },
  )
  .path(
    'revoke-orphan',
    'Revokes a token; its children become orphans.',
    { token },
    {
      update: {
        about: 'Revoke a token, but not its children.',
        run: (sent, { context, request }) => answer(context.tokens.revokeOrphan(request, sent.token)),
      },
    },
  )
  .path(
    'renew-accessor',
    'Renews the token with an accessor.',
    { accessor, increment },
    {
      update: {
        about: 'Renew by accessor.',
        run: (sent, { context, request }) =>
          answer(context.tokens.renewAccessor(request, sent.accessor, sent.increment)),
      },
    },
  )
  .path(
    'renew-self',
    'Renews the token that is used.',
    { token, increment },
    {
      update: {
        about: 'Renew the own token.',
        run: (sent, { context, request }) => answer(context.tokens.renew(request, request.clientToken, sent.increment)),
      },
    },
  )
  .path(
    'renew',
    'Renews a token.',
    { token, increment },
    {
      update: {
        about: 'Renew a token.',
        run: (sent, { context, request }) => answer(context.tokens.renew(request, sent.token, sent.increment)),
      },
    },
  )
  .path(
    'tidy',
    'Removes what is left of tokens that are gone.',
    {},
    {
      update: { about: 'Start the clean-up.', run: (_, { context }) => reply(context.tokens.tidy()) },
    },
  );
