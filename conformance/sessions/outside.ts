/** Engines whose outside system is away: what they keep of connections and roles, and what they say when they try it. */
import fc from 'fast-check';
import type { Step } from '../case.ts';
import { step } from '../case.ts';
import { plain, post, life } from './vocabulary.ts';

const name = fc.constantFrom('d0', 'd1', 'none');

const connection = fc.record(
  {
    plugin_name: fc.constantFrom('postgresql-database-plugin', 'redis-database-plugin', 'odd'),
    connection_url: fc.constantFrom('postgresql://{{username}}:{{password}}@127.0.0.1:1/x', ''),
    username: fc.constantFrom('adm', ''),
    password: fc.constant('secret'),
    allowed_roles: fc.constantFrom<unknown>('*', ['d0'], ''),
    host: fc.constant('127.0.0.1'),
    port: fc.constant(1),
    max_open_connections: fc.constantFrom<unknown>(3, -1),
    username_template: fc.constantFrom('{{.RoleName}}', '{{'),
    password_policy: fc.constantFrom('none', ''),
  },
  { requiredKeys: ['plugin_name'] },
);

export const database: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/db', { type: 'database' })),
  {
    weight: 3,
    arbitrary: fc
      .tuple(name, connection)
      .map(([at, body]) => post(`db/config/${at}`, { ...body, verify_connection: false })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        name,
        fc.record(
          {
            db_name: fc.constantFrom('d0', 'd1', ''),
            default_ttl: life,
            max_ttl: life,
            creation_statements: fc.constantFrom<unknown>('create {{name}}', ['a', 'b'], ''),
            credential_type: fc.constantFrom('password', 'rsa_private_key', 'odd'),
          },
          { requiredKeys: [] },
        ),
      )
      .map(([at, body]) => post(`db/roles/${at}`, body)),
  },
  fc
    .tuple(
      fc.constantFrom('GET', 'DELETE'),
      fc.constantFrom('config', 'roles', 'static-roles', 'static-creds', 'creds'),
      name,
    )
    .map(([method, what, at]) => step(method, `db/${what}/${at}`)),
  fc.constantFrom('LIST db/config', 'LIST db/roles', 'LIST db/static-roles').map(plain),
  name.map((at) => post(`db/reset/${at}`, {})),
);

export const rabbitmq: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/mq', { type: 'rabbitmq' })),
  fc
    .record({
      connection_uri: fc.constantFrom('http://127.0.0.1:1', 'x', ''),
      username: fc.constantFrom('adm', ''),
      password: fc.constantFrom('p', ''),
    })
    .map((body) => post('mq/config/connection', { ...body, verify_connection: false })),
  fc.record({ ttl: life, max_ttl: life }, { requiredKeys: [] }).map((body) => post('mq/config/lease', body)),
  fc
    .tuple(
      name,
      fc.record(
        {
          vhosts: fc.constantFrom('{"/":{"configure":".*","write":".*","read":".*"}}', '{', ''),
          tags: fc.constantFrom('administrator', ''),
          vhost_topics: fc.constantFrom('{"/":{"t":{"write":".*","read":".*"}}}', 'x'),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([at, body]) => post(`mq/roles/${at}`, body)),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), name).map(([method, at]) => step(method, `mq/roles/${at}`)),
  fc.constantFrom('LIST mq/roles', 'GET mq/config/lease', 'GET mq/creds/none').map(plain),
);

export const kubernetes: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(post('sys/mounts/kube', { type: 'kubernetes' })),
  fc
    .record(
      {
        kubernetes_host: fc.constantFrom('https://127.0.0.1:1', 'x', ''),
        service_account_jwt: fc.constantFrom('t', ''),
        kubernetes_ca_cert: fc.constantFrom('x', ''),
        disable_local_ca_jwt: fc.constant(true),
      },
      { requiredKeys: ['disable_local_ca_jwt'] },
    )
    .map((body) => post('kube/config', body)),
  fc
    .tuple(
      name,
      fc.record(
        {
          allowed_kubernetes_namespaces: fc.constantFrom<unknown>('*', ['a', 'b'], ''),
          allowed_kubernetes_namespace_selector: fc.constantFrom('{"matchLabels":{"a":"b"}}', 'x: y', '{'),
          service_account_name: fc.constantFrom('sa', ''),
          kubernetes_role_name: fc.constantFrom('kr', ''),
          kubernetes_role_type: fc.constantFrom('Role', 'ClusterRole', 'odd'),
          generated_role_rules: fc.constantFrom('rules: []', '{', ''),
          token_default_ttl: life,
          token_max_ttl: life,
          name_template: fc.constantFrom('{{.RoleName}}', '{{'),
          extra_labels: fc.constantFrom<unknown>({ a: 'b' }, {}),
        },
        { requiredKeys: ['allowed_kubernetes_namespaces'] },
      ),
    )
    .map(([at, body]) => post(`kube/roles/${at}`, body)),
  fc.tuple(fc.constantFrom('GET', 'DELETE'), name).map(([method, at]) => step(method, `kube/roles/${at}`)),
  fc.constantFrom('LIST kube/roles', 'GET kube/config', 'DELETE kube/config').map(plain),
  name.map((at) => post(`kube/creds/${at}`, { kubernetes_namespace: 'nowhere' })),
);
