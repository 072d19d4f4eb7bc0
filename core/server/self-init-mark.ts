/**
 * The mark of a server that initialises itself: it stands in the storage until all that was asked for is done, so that
 * a server which failed half-way is never unsealed again.
 */
import { encodeUtf8 } from '../codec/utf8.ts';
import type { Reader, Writer } from '../storage/storage.ts';
import { ConfigurationError } from './configuration/values.ts';

const KEY = 'core/status/self-init';

export const markBegun = (storage: Writer): Promise<void> => storage.put(KEY, encodeUtf8('failed'));

export const markDone = (storage: Writer): Promise<void> => storage.delete(KEY);

/** Whether the mark stands. */
export const isHalfInitialised = async (storage: Reader): Promise<boolean> => (await storage.get(KEY)) !== undefined;

/** What is said where it does. */
export const halfInitialised = (): ConfigurationError =>
  new ConfigurationError('unseal with stored key failed: self-initialization failed: refusing to unseal');
