/** What a story file imports. */
export { CredentialWatch } from './credential-watch.ts';
export { killAtWrite } from './death-at-write.ts';
export { expect } from './expect.ts';
export { KubernetesLogins } from './kubernetes-logins.ts';
export { LeaseWatch } from './lease-watch.ts';
export { LoginWatch } from './login-watch.ts';
export { makeTokens } from './lease-workload.ts';
export { RevocationWorkload } from './revocations.ts';
export { scenario } from './scenario.ts';
export { settings } from './settings-workload.ts';
export { tokens } from './token-workload.ts';
export { TransitWorkload } from './transit-workload.ts';
export { kv } from './workload.ts';
