/** `seal "azurekeyvault" { … }`: Azure's own variables win over settings, as upstream's did. */
import { failure } from '../../fault.ts';
import { AzureKeyVaultWrapper } from './azure-key-vault-wrapper.ts';
import type { MakeWrapper } from './configured.ts';

export const make: MakeWrapper = (runtime, settings, sources) => {
  const setting = (name: string, ...variables: readonly string[]): string =>
    variables.map((variable) => sources.environment(variable)).find((value) => value !== undefined) ??
    settings[name] ??
    '';
  const given = {
    tenantId: setting('tenant_id', 'AZURE_TENANT_ID'),
    clientId: setting('client_id', 'AZURE_CLIENT_ID'),
    clientSecret: setting('client_secret', 'AZURE_CLIENT_SECRET'),
    vaultName: setting('vault_name', 'AZUREKEYVAULT_WRAPPER_VAULT_NAME', 'VAULT_AZUREKEYVAULT_VAULT_NAME'),
    keyName: setting('key_name', 'AZUREKEYVAULT_WRAPPER_KEY_NAME', 'VAULT_AZUREKEYVAULT_KEY_NAME'),
    resource: setting('resource', 'AZURE_AD_RESOURCE') || 'vault.azure.net',
  };
  if (given.vaultName === '') throw failure('vault name is required');
  if (given.keyName === '') throw failure('key name is required');
  if (given.tenantId === '' || given.clientId === '' || given.clientSecret === '') {
    throw failure('a service principal is needed: tenant_id, client_id and client_secret, or the variables AZURE_…');
  }
  return new AzureKeyVaultWrapper(runtime, given);
};
