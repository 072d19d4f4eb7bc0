/** The paths of logins by a browser. What has begun is only known to the active node, so all are forwarded to it. */
import { paths } from '../../../framework/engine.ts';
import { field } from '../../../framework/field.ts';
import type { JwtMemory, storage } from '../memory.ts';
import { authUrl } from './auth-url.ts';
import { callback, poll, postCallback } from './callback.ts';

const query = { always: true, query: true } as const;

export const oidcPaths = paths<JwtMemory, typeof storage>()
  .path(
    'oidc/callback',
    '',
    {
      state: field.string('', query),
      code: field.string('', query),
      id_token: field.string('', { always: true }),
      client_nonce: field.string('', query),
      error: field.string('', query),
      error_description: field.string('', query),
      error_uri: field.string('', query),
      confirmation: field.string('', query),
    },
    {
      read: { about: 'Where a provider sends a browser back to.', forward: true, run: callback },
      update: {
        about: 'Where a provider posts a form to.',
        forward: true,
        id: { suffix: 'form-post' },
        run: postCallback,
      },
    },
    { unauthenticated: 'oidc/callback', id: { prefix: 'jwt-oidc', verb: 'callback' } },
  )
  .path(
    'oidc/poll',
    '',
    { state: field.string('', { always: true }), client_nonce: field.string('', { always: true }) },
    { update: { about: 'Fetch a login that nobody is called back for.', forward: true, run: poll } },
    { unauthenticated: 'oidc/poll', id: { byMount: true } },
  )
  .path(
    'oidc/auth_url',
    '',
    {
      role: field.lowerCase('The role to log in with.', { always: true }),
      redirect_uri: field.string('Where the provider is to send the browser back to; not for devices.', {
        always: true,
      }),
      client_nonce: field.string('What the client will show again.', { always: true }),
    },
    { update: { about: 'Begin a login by a browser.', forward: true, run: authUrl } },
    { unauthenticated: 'oidc/auth_url', id: { prefix: 'jwt-oidc', verb: 'request', suffix: 'authorization-url' } },
  );
