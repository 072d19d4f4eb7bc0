/** `config`: who the engine is at Azure, and which Azure. */
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
import { formatRfc3339, parseRfc3339 } from '../../codec/rfc3339.ts';
import type { Form } from '../../framework/collection.ts';
import { HOUR, type Micros } from '../../runtime.ts';

export interface AzureConfig {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** '' for AzurePublicCloud. */
  readonly environment: string;
  readonly rootPasswordTtl: Micros;
  /** Wall; 0: nobody has said. */
  readonly secretEnds: Micros;
  /** The next secret, until all of Azure knows it. */
  readonly next?: NextSecret | undefined;
}

export interface NextSecret {
  readonly keyId: string;
  readonly secret: string;
  /** Wall. */
  readonly created: Micros;
  readonly ends: Micros;
}

export const noConfig: AzureConfig = {
  subscriptionId: '',
  tenantId: '',
  clientId: '',
  clientSecret: '',
  environment: '',
  rootPasswordTtl: 182 * 24 * HOUR,
  secretEnds: 0,
};

const NEVER = '0001-01-01T00:00:00Z';
const stored = (wall: Micros): string => (wall === 0 ? NEVER : formatRfc3339(wall));

/** Stored durations of Go count nanoseconds. */
export const NANOS = 1_000;

export const configForm: Form<AzureConfig> = {
  encode: (config) =>
    new Map<string, JsonValue>([
      ['subscription_id', config.subscriptionId],
      ['tenant_id', config.tenantId],
      ['client_id', config.clientId],
      ['client_secret', config.clientSecret],
      ['environment', config.environment],
      ['root_password_ttl', config.rootPasswordTtl * NANOS],
      ['root_password_expiration_date', stored(config.secretEnds)],
      ['new_client_secret', config.next?.secret ?? ''],
      ['new_client_secret_created', stored(config.next?.created ?? 0)],
      ['new_client_secret_expiration_date', stored(config.next?.ends ?? 0)],
      ['new_client_secret_key_id', config.next?.keyId ?? ''],
    ]),
  decode(value) {
    const fields = asObject(value) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    const time = (name: string): Micros => Math.max(0, parseRfc3339(text(name)) ?? 0);
    const secret = text('new_client_secret');
    return {
      subscriptionId: text('subscription_id'),
      tenantId: text('tenant_id'),
      clientId: text('client_id'),
      clientSecret: text('client_secret'),
      environment: text('environment'),
      rootPasswordTtl: (asNumber(fields['root_password_ttl']) ?? 0) / NANOS,
      secretEnds: time('root_password_expiration_date'),
      next:
        secret === ''
          ? undefined
          : {
              secret,
              keyId: text('new_client_secret_key_id'),
              created: time('new_client_secret_created'),
              ends: time('new_client_secret_expiration_date'),
            },
    };
  },
};

/** Where an Azure gives tokens, keeps its directory and manages resources. */
export interface AzureCloud {
  readonly login: string;
  readonly graph: string;
  readonly management: string;
}

const PUBLIC: AzureCloud = {
  login: 'https://login.microsoftonline.com',
  graph: 'https://graph.microsoft.com',
  management: 'https://management.azure.com',
};

const clouds: Readonly<Record<string, AzureCloud>> = {
  AZURECHINACLOUD: {
    login: 'https://login.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    management: 'https://management.chinacloudapi.cn',
  },
  AZURECLOUD: PUBLIC,
  AZUREPUBLICCLOUD: PUBLIC,
  AZUREUSGOVERNMENT: {
    login: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    management: 'https://management.usgovcloudapi.net',
  },
  AZUREUSGOVERNMENTCLOUD: {
    login: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    management: 'https://management.usgovcloudapi.net',
  },
};

/** Undefined for one that there is none of; names count in any case. */
export function cloudOf(environment: string): AzureCloud | undefined {
  const name = environment.toUpperCase();
  return name === '' ? PUBLIC : Object.hasOwn(clouds, name) ? clouds[name] : undefined;
}
