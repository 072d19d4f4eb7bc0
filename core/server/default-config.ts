/** A node's configuration where the file says nothing: upstream's defaults. */
import { HOUR } from '../runtime.ts';
import { devices } from './audit/device.ts';
import { networkOutlets } from './audit/outlets.ts';
import type { NodeConfig, Physical } from './config.ts';
import type { Catalog } from './mounts/catalog.ts';
import { type Profile, profileOf, VERSION } from './profile.ts';

/** `profile`: the version to imitate. */
export function defaultConfig(physical: Physical, catalog: Catalog, profile: Profile = profileOf(VERSION)): NodeConfig {
  const { version, commitDate, indexHeaders, resolvesNames } = profile;
  return {
    physical,
    catalog,
    prometheusRetention: 24 * HOUR,
    usage: { period: HOUR / 6, leaseStep: HOUR, leaseSteps: 168 },
    audit: [],
    openAudit: devices(networkOutlets),
    settings: {
      version,
      commitDate,
      defaultLeaseTtl: 768 * HOUR,
      maxLeaseTtl: 768 * HOUR,
      rawStorage: false,
      introspection: false,
      apiAuditCreation: false,
      unauthenticatedWorkflows: false,
      auditPrefixing: false,
      signsTokens: false,
      crossNamespaceIdentity: false,
      resolvesNames,
      sanitized: {},
      hostname: 'localhost',
    },
    options: {
      version,
      commitDate,
      indexHeaders,
      maxRequestSize: 33_554_432,
      maxJsonMemory: 34_078_720,
      maxJsonStrings: 1000,
      ui: false,
    },
    apiAddr: '',
    clusterAddr: '',
    clusterName: '',
    cacheSize: 0,
    disableCache: false,
  };
}
