/** The `cert` auth method: clients that show a TLS certificate. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { storage } from './call.ts';
import { certsPaths } from './certs-paths.ts';
import { configPath } from './config-path.ts';
import { crlPaths } from './crl-paths.ts';
import { refreshCrls } from './crl.ts';
import { loginPath, renew } from './login.ts';

export const cert = engine<undefined, typeof storage>({
  type: 'cert',
  class: 'auth',
  idPrefix: 'cert',
  about: `Logs clients in by the TLS certificate of their connection. Entries under "certs/" say which authorities, or
which single certificates, are trusted, and what the tokens get; lists of what was revoked are under "crls/".`,
  storage,
  renewAuth: renew,
  periodic: ({ store, context }) => refreshCrls(store.crls, context.runtime),
})
  .include(configPath)
  .include(loginPath)
  .include(certsPaths)
  .include(crlPaths);

export const createCert = (context: BackendContext): Backend => createBackend(cert, context);
