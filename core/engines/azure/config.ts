/** `config`: who the engine is at Azure, and which Azure. */
import { asNumber, asObject, asString } from '../../codec/json-fields.ts';
import type { JsonValue } from '../../codec/json.ts';
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
}

export const noConfig: AzureConfig = {
  subscriptionId: '',
  tenantId: '',
  clientId: '',
  clientSecret: '',
  environment: '',
  rootPasswordTtl: 182 * 24 * HOUR,
};

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
    ]),
  decode(stored) {
    const fields = asObject(stored) ?? {};
    const text = (name: string): string => asString(fields[name]) ?? '';
    return {
      subscriptionId: text('subscription_id'),
      tenantId: text('tenant_id'),
      clientId: text('client_id'),
      clientSecret: text('client_secret'),
      environment: text('environment'),
      rootPasswordTtl: (asNumber(fields['root_password_ttl']) ?? 0) / NANOS,
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
