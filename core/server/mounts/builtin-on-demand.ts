/**
 * What `builtin.ts` has, each kind fetched when a mount of it is first made: a server that starts has no use for most,
 * and reading and compiling them was a third of its start. Simulations have them all at once.
 */
import { assert } from '../../assert.ts';
import type { BackendFactory, Catalog } from './catalog.ts';
import type { MountTable } from './entry.ts';

type Sources = Readonly<Record<string, () => Promise<BackendFactory>>>;

const sources: Readonly<Record<'secret' | 'auth', Sources>> = {
  secret: {
    aws: async () => (await import('../../engines/aws/aws.ts')).createAws,
    azure: async () => (await import('../../engines/azure/azure.ts')).createAzure,
    gcp: async () => (await import('../../engines/gcp/gcp.ts')).createGcp,
    kv: async () => (await import('../../engines/kv/kv.ts')).createKv,
    generic: async () => (await import('../../engines/kv/kv.ts')).createKv,
    cubbyhole: async () => (await import('../../engines/cubbyhole/cubbyhole.ts')).createCubbyhole,
    pki: async () => (await import('../../engines/pki/pki.ts')).createPki,
    database: async () => (await import('../../engines/database/database.ts')).createDatabase,
    kubernetes: async () => (await import('../../engines/kubernetes/kubernetes.ts')).createKubernetes,
    ldap: async () => (await import('../../engines/openldap/openldap.ts')).createOpenLdap,
    openldap: async () => (await import('../../engines/openldap/openldap.ts')).createOpenLdap,
    rabbitmq: async () => (await import('../../engines/rabbitmq/rabbitmq.ts')).createRabbitMq,
    ssh: async () => (await import('../../engines/ssh/ssh.ts')).createSsh,
    totp: async () => (await import('../../engines/totp/totp.ts')).createTotp,
    transit: async () => (await import('../../engines/transit/transit.ts')).createTransit,
  },
  auth: {
    approle: async () => (await import('../../auth/approle/approle.ts')).createAppRole,
    cert: async () => (await import('../../auth/cert/cert.ts')).createCert,
    jwt: async () => (await import('../../auth/jwt/jwt.ts')).createJwt,
    kerberos: async () => (await import('../../auth/kerberos/kerberos.ts')).kerberosAuth(),
    kubernetes: async () => (await import('../../auth/kubernetes/kubernetes.ts')).createKubernetesAuth,
    oidc: async () => (await import('../../auth/jwt/jwt.ts')).createJwt,
    ldap: async () => (await import('../../auth/ldap/ldap.ts')).createLdapAuth,
    radius: async () => (await import('../../auth/radius/radius.ts')).createRadius,
    userpass: async () => (await import('../../auth/userpass/userpass.ts')).createUserpass,
  },
};

const databases = [
  'cassandra-database-plugin',
  'influxdb-database-plugin',
  'mongodb-database-plugin',
  'mssql-database-plugin',
  'mysql-aurora-database-plugin',
  'mysql-database-plugin',
  'mysql-legacy-database-plugin',
  'mysql-rds-database-plugin',
  'oracle-database-plugin',
  'postgresql-database-plugin',
  'redis-database-plugin',
  'valkey-database-plugin',
  'vault-plugin-database-oracle',
];

/** One process has one: what is fetched is code, not state. */
export function builtinOnDemand(): Catalog {
  const fetched = new Map<string, BackendFactory>();
  const slot = (kind: 'secret' | 'auth', type: string): string => `${kind}/${type}`;
  const factories = (kind: 'secret' | 'auth'): ReadonlyMap<string, BackendFactory> =>
    new Map(
      Object.keys(sources[kind]).map((type) => [
        type,
        (context) => {
          const factory = fetched.get(slot(kind, type));
          assert(factory !== undefined, `${type} was not made ready`);
          return factory(context);
        },
      ]),
    );
  return {
    secret: factories('secret'),
    auth: factories('auth'),
    database: databases,
    ready(table: MountTable, type: string) {
      const kind = table === 'auth' ? 'auth' : 'secret';
      if (fetched.has(slot(kind, type)) || !Object.hasOwn(sources[kind], type)) return undefined;
      return sources[kind][type]!().then((factory) => void fetched.set(slot(kind, type), factory));
    },
  };
}
