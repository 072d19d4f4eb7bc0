/** Configuration files for single servers of any make. */

const listener = (port: number): string => `
listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_disable = true
}
api_addr = "http://127.0.0.1:${port}"
`;

/** In memory, not initialised. */
export const bareConfig = (port: number): string => `storage "inmem" {}${listener(port)}`;

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
