/** What operations of AppRole answer, as upstream's OpenAPI document has it. */
import type { Responses } from '../../framework/openapi-responses.ts';

export const responses: Responses = {
  '/login': {
    unnamed: { 200: 'AppRoleLoginResponse { role: string }' },
  },
  '/role': {
    get: { 200: '{ keys: string[] }' },
  },
  '/role/{role_name}': {
    get: {
      200: '{ bind_secret_id: boolean; local_secret_ids: boolean; period: integer(seconds) deprecated; policies: string[] deprecated; secret_id_bound_cidrs: string[]; secret_id_num_uses: integer; secret_id_ttl: integer(seconds); token_bound_cidrs: string[]; token_explicit_max_ttl: integer(seconds); token_max_ttl: integer(seconds); token_no_default_policy: boolean; token_num_uses: integer; token_period: integer(seconds); token_policies: string[]; token_strictly_bind_ip: boolean; token_ttl: integer(seconds); token_type: string = "default-service" }',
    },
    delete: { 204: '' },
  },
  '/role/{role_name}/bind-secret-id': {
    get: { 200: '{ bind_secret_id: boolean }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/bound-cidr-list': {
    get: { 200: '{ bound_cidr_list: string[] deprecated }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/custom-secret-id': {
    post: {
      200: '{ secret_id: string; secret_id_accessor: string; secret_id_num_uses: integer; secret_id_ttl: integer(seconds) }',
    },
  },
  '/role/{role_name}/local-secret-ids': {
    get: { 200: '{ local_secret_ids: boolean }' },
  },
  '/role/{role_name}/period': {
    get: { 200: '{ period: integer(seconds) deprecated; token_period: integer(seconds) }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/policies': {
    get: { 200: '{ policies: string[] deprecated; token_policies: string[] }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/role-id': {
    get: { 200: '{ role_id: string }' },
    post: { 204: '' },
  },
  '/role/{role_name}/secret-id': {
    get: { 200: '{ keys: string[] }' },
    post: {
      200: '{ secret_id: string; secret_id_accessor: string; secret_id_num_uses: integer; secret_id_ttl: integer(seconds) }',
    },
  },
  '/role/{role_name}/secret-id-accessor/destroy': {
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/secret-id-accessor/lookup': {
    post: {
      200: '{ cidr_list: string[]; creation_time: string(date-time); expiration_time: string(date-time); last_updated_time: string(date-time); metadata: object(kvpairs); secret_id_accessor: string; secret_id_num_uses: integer; secret_id_ttl: integer(seconds); token_bound_cidrs: string[] }',
    },
  },
  '/role/{role_name}/secret-id-bound-cidrs': {
    get: { 200: '{ secret_id_bound_cidrs: string[] }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/secret-id-num-uses': {
    get: { 200: '{ secret_id_num_uses: integer }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/secret-id-ttl': {
    get: { 200: '{ secret_id_ttl: integer(seconds) }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/secret-id/destroy': {
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/secret-id/lookup': {
    post: {
      200: '{ cidr_list: string[]; creation_time: string(date-time); expiration_time: string(date-time); last_updated_time: string(date-time); metadata: object(kvpairs); secret_id_accessor: string; secret_id_num_uses: integer; secret_id_ttl: integer(seconds); token_bound_cidrs: string[] }',
    },
  },
  '/role/{role_name}/token-bound-cidrs': {
    get: { 200: '{ token_bound_cidrs: string[] }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/token-max-ttl': {
    get: { 200: '{ token_max_ttl: integer(seconds) }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/token-num-uses': {
    get: { 200: '{ token_num_uses: integer }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/role/{role_name}/token-ttl': {
    get: { 200: '{ token_ttl: integer(seconds) }' },
    post: { 204: '' },
    delete: { 204: '' },
  },
  '/tidy/secret-id': {
    post: { 202: '' },
  },
};
