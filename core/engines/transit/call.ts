/** What the operations of transit run with. */
import type { Call } from '../../framework/call.ts';
import { paths, type PathSet } from '../../framework/engine.ts';
import type { BackendContext } from '../../framework/logical.ts';
import type { StoreSpec } from '../../framework/collection.ts';
import type { PolicyStore } from './store.ts';

export type TransitCall = Call<PolicyStore, StoreSpec, BackendContext>;

export const transitPaths = (): PathSet<PolicyStore, StoreSpec, BackendContext> => paths<PolicyStore, StoreSpec>();
