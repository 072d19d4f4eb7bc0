/** Addresses in configurations, which may be templates of go-sockaddr's. */
import { AddressTemplateError, singleAddress } from '../../codec/sockaddr/address-template.ts';
import type { Interfaces } from '../../codec/sockaddr/interfaces.ts';
import { ConfigurationError } from './values.ts';

/** Where nobody tells of a machine. */
export const noInterfaces = (): Interfaces => ({ all: [] });

/** Throws ConfigurationError; `before` is put before what is wrong. */
export function foundAddress(text: string, interfaces: () => Interfaces, before = ''): string {
  try {
    return singleAddress(text, interfaces);
  } catch (error) {
    if (error instanceof AddressTemplateError) throw new ConfigurationError(`${before}${error.message}`);
    throw error;
  }
}
