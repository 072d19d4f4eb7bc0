/** What operations of the token store answer, as upstream's OpenAPI document has it. */
import type { Responses } from '../../framework/openapi-responses.ts';

export const responses: Responses = {
  '/lookup': {
    get: {
      200: 'TokenLookupResponse { accessor: string; bound_cidrs: string[]; creation_time: integer(int64); creation_ttl: integer(int64); display_name: string; entity_id: string; expire_time: string(date-time); explicit_max_ttl: integer(int64); external_namespace_policies: object(map); id: string; identity_policies: string[]; issue_time: string(date-time); last_renewal: string(date-time); last_renewal_time: integer(int64); meta: object(map); namespace_path: string; num_uses: integer; orphan: boolean; path: string; period: integer(int64); policies: string[]; renewable: boolean; role: string; ttl: integer(int64); type: string }',
    },
    post: {
      200: 'TokenLookupResponse { accessor: string; bound_cidrs: string[]; creation_time: integer(int64); creation_ttl: integer(int64); display_name: string; entity_id: string; expire_time: string(date-time); explicit_max_ttl: integer(int64); external_namespace_policies: object(map); id: string; identity_policies: string[]; issue_time: string(date-time); last_renewal: string(date-time); last_renewal_time: integer(int64); meta: object(map); namespace_path: string; num_uses: integer; orphan: boolean; path: string; period: integer(int64); policies: string[]; renewable: boolean; role: string; ttl: integer(int64); type: string }',
    },
  },
  '/lookup-accessor': {
    post: {
      200: 'TokenLookupResponse { accessor: string; bound_cidrs: string[]; creation_time: integer(int64); creation_ttl: integer(int64); display_name: string; entity_id: string; expire_time: string(date-time); explicit_max_ttl: integer(int64); external_namespace_policies: object(map); id: string; identity_policies: string[]; issue_time: string(date-time); last_renewal: string(date-time); last_renewal_time: integer(int64); meta: object(map); namespace_path: string; num_uses: integer; orphan: boolean; path: string; period: integer(int64); policies: string[]; renewable: boolean; role: string; ttl: integer(int64); type: string }',
    },
  },
  '/lookup-self': {
    get: {
      200: 'TokenLookupResponse { accessor: string; bound_cidrs: string[]; creation_time: integer(int64); creation_ttl: integer(int64); display_name: string; entity_id: string; expire_time: string(date-time); explicit_max_ttl: integer(int64); external_namespace_policies: object(map); id: string; identity_policies: string[]; issue_time: string(date-time); last_renewal: string(date-time); last_renewal_time: integer(int64); meta: object(map); namespace_path: string; num_uses: integer; orphan: boolean; path: string; period: integer(int64); policies: string[]; renewable: boolean; role: string; ttl: integer(int64); type: string }',
    },
    post: {
      200: 'TokenLookupResponse { accessor: string; bound_cidrs: string[]; creation_time: integer(int64); creation_ttl: integer(int64); display_name: string; entity_id: string; expire_time: string(date-time); explicit_max_ttl: integer(int64); external_namespace_policies: object(map); id: string; identity_policies: string[]; issue_time: string(date-time); last_renewal: string(date-time); last_renewal_time: integer(int64); meta: object(map); namespace_path: string; num_uses: integer; orphan: boolean; path: string; period: integer(int64); policies: string[]; renewable: boolean; role: string; ttl: integer(int64); type: string }',
    },
  },
};
