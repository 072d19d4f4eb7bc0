/** The `rabbitmq` engine: users of a broker, each with a lease. */
import { createBackend } from '../../framework/backend.ts';
import { engine } from '../../framework/engine.ts';
import type { Backend, BackendContext } from '../../framework/logical.ts';
import { storage } from './call.ts';
import { renewUser, revokeUser, undo } from './credentials.ts';
import { configPaths, rolePaths } from './paths.ts';

export const rabbitmq = engine<undefined, typeof storage>({
  type: 'rabbitmq',
  about: 'Makes users of a RabbitMQ broker over its management API, and deletes each of them when its lease ends.',
  storage,
  secrets: { creds: { renew: renewUser, revoke: revokeUser } },
  periodic: undo,
})
  .include(configPaths)
  .include(rolePaths);

export const createRabbitMq = (context: BackendContext): Backend => createBackend(rabbitmq, context);
