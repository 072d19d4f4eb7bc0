/** What the server's environment says beside its configuration. */
import type { Runtime } from '../../runtime.ts';

/** Of BAO_<name>, else of VAULT_<name>; an empty BAO_ variable hides its sibling. '' for neither. */
export const variableOf = ({ environment }: Runtime, name: string): string =>
  environment?.(`BAO_${name}`) ?? environment?.(`VAULT_${name}`) ?? '';
