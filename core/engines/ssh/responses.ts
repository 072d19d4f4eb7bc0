/** What operations of SSH answer, as upstream's OpenAPI document has it. */
import type { Responses } from '../../framework/openapi-responses.ts';

export const responses: Responses = {
  '/config/ca': {
    get: { 200: '{ issuer_id: string; issuer_name: string; public_key: boolean }' },
    post: { 200: '{ issuer_id: string; issuer_name: string; public_key: boolean }' },
    delete: { 200: '' },
  },
  '/config/issuers': {
    get: { 200: '{ default: string }' },
    post: { 200: '{ default: string }' },
  },
  '/issuer/{issuer_ref}': {
    get: { 200: '{ issuer_id: string; issuer_name: string; public_key: boolean }' },
    post: { 200: '{ issuer_id: string; issuer_name: string; public_key: boolean }' },
    delete: { 200: '' },
  },
  '/issuers': {
    get: { 200: '{ key_info: object(map); keys: string[] }' },
  },
  '/issuers/import': {
    post: { 200: '{ issuer_id: string; issuer_name: string; public_key: boolean }' },
  },
  '/issuers/import/{issuer_name}': {
    post: { 200: '{ issuer_id: string; issuer_name: string; public_key: boolean }' },
  },
};
