/** Keys of external systems are made known in `sys/external-keys`; a mount of `pki` has been granted none of them. */
export const externalKeyProblem = (reference: string): string =>
  reference.includes(':')
    ? `key ${JSON.stringify(reference)} does not exist`
    : 'invalid key reference: must be "<config name>:<key name>"';
