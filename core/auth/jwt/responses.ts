/** What operations of logins by JWT and OIDC answer, as upstream's OpenAPI document has it. */
import type { Responses } from '../../framework/openapi-responses.ts';

export const responses: Responses = {
  '/cel/role': {
    get: { 200: '{ keys: string[] }' },
  },
  '/cel/role/{name}': {
    get: {
      200: '{ bound_audiences: string[]; cel_program: object(map); clock_skew_leeway: integer(seconds) = 60000000000; expiration_leeway: integer(seconds) = 150; message: string; name: string; not_before_leeway: integer(seconds) = 150 }',
    },
    post: {
      200: '{ bound_audiences: string[]; cel_program: object(map); clock_skew_leeway: integer(seconds) = 60000000000; expiration_leeway: integer(seconds) = 150; message: string; name: string; not_before_leeway: integer(seconds) = 150 }',
    },
    patch: {
      200: '{ bound_audiences: string[]; cel_program: object(map); clock_skew_leeway: integer(seconds) = 60000000000; expiration_leeway: integer(seconds) = 150; message: string; name: string; not_before_leeway: integer(seconds) = 150 }',
    },
    delete: { 204: '' },
  },
};
