/** The paths of RabbitMQ: connection, lease, roles and users. */
import { failure, refuse } from '../../fault.ts';
import { field } from '../../framework/field.ts';
import { pageFields } from '../../framework/page-fields.ts';
import { NameTemplate, NameTemplateError } from '../../framework/name-template.ts';
import { SECOND } from '../../runtime.ts';
import { rabbitPaths, type RabbitCall } from './call.ts';
import { isRabbitError } from './connection.ts';
import { clientOf, makeUser, SUBJECT } from './credentials.ts';
import { parseTopics, parseVirtualHosts } from './role.ts';

interface ConnectionInput {
  readonly connection_uri: string;
  readonly username: string;
  readonly password: string;
  readonly verify_connection: boolean;
  readonly password_policy: string;
  readonly username_template: string;
}

async function connect(sent: ConnectionInput, call: RabbitCall): Promise<void> {
  const { connection_uri: uri, username, password } = sent;
  if (uri === '') throw refuse('missing connection_uri');
  if (username === '') throw refuse('missing username');
  if (password === '') throw refuse('missing password');
  if (sent.username_template !== '') checkTemplate(sent.username_template, call);
  const { password_policy: passwordPolicy, username_template: usernameTemplate } = sent;
  const connection = { uri, username, password, passwordPolicy, usernameTemplate };
  if (sent.verify_connection) {
    const client = clientOf(connection, call);
    await client.checkAccess().catch((error: unknown) => {
      throw isRabbitError(error) ? failure(`failed to validate the connection: ${error.message}`) : error;
    });
  }
  await call.store.config.put('connection', connection);
}

function checkTemplate(text: string, { runtime }: RabbitCall): void {
  let prefix = 'unable to initialize username template';
  try {
    const template = new NameTemplate(text, runtime, SUBJECT);
    prefix = 'invalid username template';
    template.generate({ DisplayName: '', RoleName: '' });
  } catch (error) {
    throw error instanceof NameTemplateError ? refuse(`${prefix}: ${error.message}`) : error;
  }
}

export const configPaths = rabbitPaths()
  .path(
    'config/connection',
    'How the broker is reached.',
    {
      connection_uri: field.string('Address of the management API.', { always: true }),
      username: field.string('A user with the tag administrator.', { always: true }),
      password: field.string('Its password.', { always: true }),
      verify_connection: field.bool('Whether to ask the broker before this is stored.', { default: true }),
      password_policy: field.string('How passwords are made.', { always: true }),
      username_template: field.string('How users are called.', { always: true }),
    },
    { update: { about: 'Set how the broker is reached.', run: connect } },
    { id: { prefix: 'rabbit-mq', verb: 'configure', suffix: 'connection' } },
  )
  .path(
    'config/lease',
    'How long users last.',
    {
      ttl: field.duration('Until a user has to be renewed.', { default: 0 }),
      max_ttl: field.duration('Until a user cannot be renewed.', { default: 0 }),
    },
    {
      read: {
        about: 'Read how long users last.',
        id: { verb: 'read', suffix: 'lease-configuration' },
        run: async (_, { store }) => {
          const lease = await store.lease.get('lease');
          return lease && { ttl: lease.ttl / SECOND, max_ttl: lease.maxTtl / SECOND };
        },
      },
      update: {
        about: 'Set how long users last.',
        id: { verb: 'configure', suffix: 'lease' },
        run: ({ ttl, max_ttl: maxTtl }, { store }) => store.lease.put('lease', { ttl, maxTtl }),
      },
    },
    { id: { prefix: 'rabbit-mq' } },
  );

const name = field.string('Name of the role.', { required: true });

export const rolePaths = rabbitPaths()
  .path(
    'roles',
    'Names of the roles.',
    pageFields,
    {
      list: {
        about: 'List the roles.',
        run: ({ after, limit }, { store }) => store.roles.list({ after, limit }),
      },
    },
    { id: { prefix: 'rabbit-mq', suffix: 'roles' } },
  )
  .path(
    'creds/:name',
    'A user.',
    { name },
    { read: { about: 'Make a user.', run: makeUser } },
    { id: { prefix: 'rabbit-mq', verb: 'request', suffix: 'credentials' } },
  )
  .path(
    'roles/:name',
    'A role.',
    {
      name,
      tags: field.string('Tags of its users, with commas.', { always: true }),
      vhosts: field.string('Permissions by virtual host, as JSON.', { always: true }),
      vhost_topics: field.string('Permissions by virtual host and exchange, as JSON.', { always: true }),
    },
    {
      read: {
        about: 'Read a role.',
        run: async (sent, { store }) => {
          const role = await store.roles.get(sent.name);
          return role && { ...role };
        },
      },
      update: {
        about: 'Make a role, or replace it.',
        run: async ({ tags, ...sent }, { store }) => {
          if (tags === '' && sent.vhosts === '') throw refuse('both tags and vhosts not specified');
          const vhosts = parseVirtualHosts(sent.vhosts);
          await store.roles.put(sent.name, { tags, vhosts, vhost_topics: parseTopics(sent.vhost_topics) });
        },
      },
      delete: { about: 'Delete a role.', run: (sent, { store }) => store.roles.delete(sent.name) },
    },
    { id: { prefix: 'rabbit-mq', suffix: 'role' } },
  );
