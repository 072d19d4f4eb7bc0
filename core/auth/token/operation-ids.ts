/** What upstream calls the operations of the token store in its OpenAPI document, by path and method. */
import type { OperationIds } from '../../framework/engine.ts';

export const operationIds: OperationIds = {
  '/accessors': { get: 'token-list-accessors' },
  '/create': { post: 'token-create' },
  '/create-orphan': { post: 'token-create-orphan' },
  '/create/{role_name}': { post: 'token-create-against-role' },
  '/lookup': { get: 'token-look-up-get', post: 'token-look-up-update' },
  '/lookup-accessor': { post: 'token-look-up-by-accessor' },
  '/lookup-self': { get: 'token-look-up-self-get', post: 'token-look-up-self-update' },
  '/renew': { post: 'token-renew' },
  '/renew-accessor': { post: 'token-renew-accessor' },
  '/renew-self': { post: 'token-renew-self' },
  '/revoke': { post: 'token-revoke' },
  '/revoke-accessor': { post: 'token-revoke-accessor' },
  '/revoke-orphan': { post: 'token-revoke-orphan' },
  '/revoke-self': { post: 'token-revoke-self' },
  '/roles': { get: 'token-list-roles' },
  '/roles/{role_name}': { delete: 'token-delete-role', get: 'token-read-role', post: 'token-write-role' },
  '/tidy': { post: 'token-tidy' },
};
