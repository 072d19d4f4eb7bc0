/** Keys and seals. */
import { logged, type State, traced } from '../state.ts';

export const sealStates: readonly State[] = [
  traced('the encryption key was changed', 'barrier.rotate'),
  logged('the encryption key was changed by itself', 'automatic barrier key rotation triggered'),
  logged('a node came to a new encryption key by an upgrade', 'upgraded to new key term'),
  logged('the root key was changed', 'barrier root key rotated'),
  logged('a rotation of the root key was carried to its end later', /^upgrading (?:recovery|stored) keys?$/),
  logged('a node was sealed by hand', 'marked as sealed'),
  logged('a seal was found ill', /seal health test value/),
  logged('a seal was found well again', 'seal backend is now healthy again'),
  logged('a node waited for its key service to start', /^Error configuring seal/),
  logged('a seal was migrated', 'seal migration complete'),
  logged('a node came to a migration that was done', 'migration is already performed'),
  logged('a snapshot was restored', 'restored user snapshot'),
  logged('a namespace waited for its key', 'cannot unseal namespace, not enough keys'),
];
