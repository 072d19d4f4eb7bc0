/** The engines and auth methods that this server has built in. */
import { createAppRole } from '../../auth/approle/approle.ts';
import { createCert } from '../../auth/cert/cert.ts';
import { createJwt } from '../../auth/jwt/jwt.ts';
import { kerberosAuth } from '../../auth/kerberos/kerberos.ts';
import { createKubernetesAuth } from '../../auth/kubernetes/kubernetes.ts';
import { createLdapAuth } from '../../auth/ldap/ldap.ts';
import { createRadius } from '../../auth/radius/radius.ts';
import { createUserpass } from '../../auth/userpass/userpass.ts';
import { createAws } from '../../engines/aws/aws.ts';
import { createAzure } from '../../engines/azure/azure.ts';
import { createCubbyhole } from '../../engines/cubbyhole/cubbyhole.ts';
import { createDatabase } from '../../engines/database/database.ts';
import { plugins } from '../../engines/database/plugins/all.ts';
import { createKubernetes } from '../../engines/kubernetes/kubernetes.ts';
import { createGcp } from '../../engines/gcp/gcp.ts';
import { createKv } from '../../engines/kv/kv.ts';
import { createPki } from '../../engines/pki/pki.ts';
import { createOpenLdap } from '../../engines/openldap/openldap.ts';
import { createRabbitMq } from '../../engines/rabbitmq/rabbitmq.ts';
import { createSsh } from '../../engines/ssh/ssh.ts';
import { createTotp } from '../../engines/totp/totp.ts';
import { createTransit } from '../../engines/transit/transit.ts';
import type { Catalog } from './catalog.ts';

export const builtinCatalog = (): Catalog => ({
  secret: new Map([
    ['aws', createAws],
    ['azure', createAzure],
    ['gcp', createGcp],
    ['kv', createKv],
    ['generic', createKv],
    ['cubbyhole', createCubbyhole],
    ['pki', createPki],
    ['database', createDatabase],
    ['kubernetes', createKubernetes],
    ['ldap', createOpenLdap],
    ['openldap', createOpenLdap],
    ['rabbitmq', createRabbitMq],
    ['ssh', createSsh],
    ['totp', createTotp],
    ['transit', createTransit],
  ]),
  auth: new Map([
    ['approle', createAppRole],
    ['cert', createCert],
    ['jwt', createJwt],
    ['kerberos', kerberosAuth()],
    ['kubernetes', createKubernetesAuth],
    ['oidc', createJwt],
    ['ldap', createLdapAuth],
    ['radius', createRadius],
    ['userpass', createUserpass],
  ]),
  database: [...plugins.keys()],
});
