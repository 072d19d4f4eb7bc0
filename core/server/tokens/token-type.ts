/** Token types by their stored numbers and their names in the API. */
import type { TokenType } from '../../framework/logical.ts';

const types: readonly TokenType[] = ['default', 'service', 'batch', 'default-service', 'default-batch'];

export const tokenTypeNumber = (type: TokenType): number => types.indexOf(type);

export const tokenTypeOf = (number: number): TokenType => types[number] ?? 'default';
