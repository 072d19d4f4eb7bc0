/** Configuration files for single servers of any make. */

import type { ServerKind } from '../case.ts';

const listener = (port: number, more = ''): string => `
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_disable = true
${more}}
api_addr = "http://127.0.0.1:${port}"
`;

const forHolders = `  disable_unauthed_rekey_endpoints = false
  disable_unauthed_generate_root_endpoints = false
`;

/** Any 32 bytes do. */
const staticSeal = `seal "static" {
  current_key_id = "k1"
  current_key = "${'6f'.repeat(32)}"
}
`;

/** In memory, not initialised. */
export function inmemConfig(kind: ServerKind, port: number): string {
  const open = kind === 'shares' || kind === 'auto';
  const audit = open ? 'unsafe_allow_api_audit_creation = true\n' : '';
  return `storage "inmem" {}${listener(port, open ? forHolders : '')}${audit}${kind === 'auto' ? staticSeal : ''}`;
}

/** Raft with its data in `folder`, not initialised. */
export const raftConfig = (folder: string, port: number, clusterPort: number): string => `
storage "raft" {
  path = "${folder}"
  node_id = "n1"
  performance_multiplier = 1
}
${listener(port)}cluster_addr = "https://127.0.0.1:${clusterPort}"
cluster_name = "c1"
`;
