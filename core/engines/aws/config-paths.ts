/** The configuration of AWS: who the engine is, its key changed, how long users last. */
import { DurationError, formatDuration } from '../../codec/duration.ts';
import { xmlAt } from '../../codec/xml.ts';
import { failure, refuse } from '../../fault.ts';
import { CoercionError } from '../../framework/coerce.ts';
import { toMicros } from '../../framework/coerce-time.ts';
import { field } from '../../framework/field.ts';
import type { Answer } from '../../framework/reply.ts';
import type { Micros } from '../../runtime.ts';
import { asFailure, type AwsCall, awsPaths, clientOf } from './call.ts';
import { USERNAME_TEMPLATE } from './config.ts';
import { keysOf } from './users.ts';

/** A new key for the engine's own user; only afterwards the old one goes. */
async function rotateRoot(call: AwsCall): Promise<Answer> {
  const { store } = call;
  const ask = await asFailure('', () => clientOf(call.running));
  const config = await store.root.get('root');
  if (config === undefined) throw failure('no configuration found for config/root');
  const user = await asFailure('error calling GetUser: ', () => ask('iam', 'GetUser'));
  const UserName = xmlAt(user, 'User', 'UserName')?.text;
  if (UserName === undefined) throw failure('nil UserName returned from GetUser');
  const made = await asFailure('error calling CreateAccessKey: ', () => ask('iam', 'CreateAccessKey', { UserName }));
  await store.root.put('root', { ...config, ...keysOf(made) });
  await asFailure('error deleting old access key: ', () =>
    ask('iam', 'DeleteAccessKey', { AccessKeyId: config.accessKey, UserName }),
  );
  return { access_key: keysOf(made).accessKey };
}

function lifetimeOf(name: string, text: string): Micros {
  try {
    return toMicros(text);
  } catch (error) {
    if (!(error instanceof CoercionError || error instanceof DurationError)) throw error;
    throw refuse(`Invalid ${name}: ${error.message}`);
  }
}

export const configPaths = awsPaths()
  .path(
    'config/root',
    'Who the engine is at AWS.',
    {
      access_key: field.string('Of a user that may manage users.', { default: '' }),
      secret_key: field.string('Belongs to the access key.', { default: '' }),
      region: field.string('Where requests go.', { default: '' }),
      iam_endpoint: field.string("Another address than AWS's own for IAM.", { default: '' }),
      sts_endpoint: field.string("Another address than AWS's own for STS.", { default: '' }),
      sts_region: field.string('Where requests to STS go.', { default: '' }),
      max_retries: field.int('How often a request is repeated that AWS fails to answer.', { default: -1 }),
      username_template: field.string('How users and sessions are called.', { default: '' }),
    },
    {
      read: {
        about: 'Read who the engine is, without its secret.',
        id: { suffix: 'root-iam-credentials-configuration' },
        run: async (_, { store }) => {
          const config = await store.root.get('root');
          return (
            config && {
              access_key: config.accessKey,
              region: config.region,
              iam_endpoint: config.iamEndpoint,
              sts_endpoint: config.stsEndpoint,
              sts_region: config.stsRegion,
              max_retries: config.maxRetries,
              username_template: config.usernameTemplate,
            }
          );
        },
      },
      update: {
        about: 'Set who the engine is.',
        id: { verb: 'configure', suffix: 'root-iam-credentials' },
        run: (sent, { store }) =>
          store.root.put('root', {
            accessKey: sent.access_key,
            secretKey: sent.secret_key,
            iamEndpoint: sent.iam_endpoint,
            stsEndpoint: sent.sts_endpoint,
            stsRegion: sent.sts_region,
            region: sent.region,
            maxRetries: sent.max_retries,
            usernameTemplate: sent.username_template || USERNAME_TEMPLATE,
          }),
      },
    },
  )
  .path(
    'config/rotate-root',
    "The engine's own key.",
    {},
    { update: { about: 'Make a new key and delete the old one.', forward: true, run: (_, call) => rotateRoot(call) } },
    { id: { verb: 'rotate', suffix: 'root-iam-credentials' } },
  )
  .path(
    'config/lease',
    'How long users last.',
    {
      lease: field.string('Until a user has to be renewed.', { default: '' }),
      lease_max: field.string('Until a user cannot be renewed.', { default: '' }),
    },
    {
      read: {
        about: 'Read how long users last.',
        id: { suffix: 'lease-configuration' },
        run: async (_, { store }) => {
          const config = await store.lease.get('lease');
          return config && { lease: formatDuration(config.lease), lease_max: formatDuration(config.leaseMax) };
        },
      },
      update: {
        about: 'Set how long users last.',
        id: { verb: 'configure', suffix: 'lease' },
        run: async (sent, { store }) => {
          if (sent.lease === '') throw refuse("'lease' is a required parameter");
          if (sent.lease_max === '') throw refuse("'lease_max' is a required parameter");
          const lease = lifetimeOf('lease', sent.lease);
          await store.lease.put('lease', { lease, leaseMax: lifetimeOf('lease_max', sent.lease_max) });
        },
      },
    },
  );
