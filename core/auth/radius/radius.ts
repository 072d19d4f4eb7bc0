/** The `radius` auth method: users of a RADIUS server. Gone from 2.7; here it is 2.6.2's. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { configPath, type RadiusStorage, storage } from './config.ts';
import { loginPath, renew } from './login.ts';
import { userPaths, users } from './users.ts';

export const radius = engine<undefined, RadiusStorage>({
  type: 'radius',
  class: 'auth',
  idPrefix: 'radius',
  about: `Users log in with the name and the password that a RADIUS server knows. Which policies they get is filed under
their names ("users/"), or said for all others by "config".`,
  storage: { ...storage, users },
  special: { unauthenticated: ['login'] },
  renewAuth: renew,
})
  .include(configPath)
  .include(loginPath)
  .include(userPaths);

export const createRadius = (context: BackendContext): Backend => createBackend(radius, context);
