/** What the operations of a `pki` mount share. */
import type { Call } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { PkiState } from './state.ts';
import { PkiStore } from './store.ts';

export type PkiCall = Call<PkiState, object, BackendContext>;

export const pkiPaths = (): PathSet<PkiState, object, BackendContext> => paths<PkiState>();

export const storeOf = (call: PkiCall): PkiStore => new PkiStore(call.storage, call.system);

/** Of what is changed either all is kept or nothing. */
export const atOnce = <T>(call: PkiCall, change: (store: PkiStore) => Promise<T>): Promise<T> =>
  call.transaction((storage) => change(new PkiStore(storage, call.system)));

export const randomOf =
  ({ random }: PkiCall) =>
  (length: number): Uint8Array =>
    random.bytes(length);

/** Whether the client sent this field at all: null counts, as nothing. */
export const sent = ({ request }: PkiCall, name: string): boolean => Object.hasOwn(request.data, name);

/** Whether it sent this time; null does not count. */
export const sentTime = (call: PkiCall, name: string): boolean => sent(call, name) && call.request.data[name] !== null;

/** The name that a new thing is to have, if one was sent. */
export const sentName = (call: PkiCall, name: 'issuer_name' | 'key_name', value: string | undefined) =>
  sent(call, name) ? (value ?? '').trim() : undefined;

/** The last part of the path that was asked for. */
export const lastOf = ({ request }: PkiCall): string => request.path.slice(request.path.lastIndexOf('/') + 1);
