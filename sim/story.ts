/** What a story file imports. */
export { AcmeOrders } from './workloads/acme-orders.ts';
export { CredentialWatch } from './watches/credentials.ts';
export { killAtWrite } from './death-at-write.ts';
export { expect } from './expect.ts';
export { KubernetesLogins } from './workloads/kubernetes-logins.ts';
export { LeaseWatch } from './watches/leases.ts';
export { LoginWatch } from './watches/logins.ts';
export { makeTokens } from './workloads/make-tokens.ts';
export { RevocationWorkload } from './workloads/revocations.ts';
export { expectGoodOnce } from './once.ts';
export { scenario } from './scenario.ts';
export { createSeats } from './engines/seats.ts';
export { SeatWorkload } from './workloads/seats.ts';
export { settings } from './workloads/settings.ts';
export { tokens } from './workloads/tokens.ts';
export { TransitWorkload } from './workloads/transit.ts';
export { kv } from './workloads/kv.ts';
