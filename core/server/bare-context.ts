/** What a backend is made with where there is no server behind it: storage is all there is. */
import { failure } from '../fault.ts';
import type { BackendContext, SystemView } from '../framework/logical.ts';
import type { Runtime } from '../runtime.ts';
import type { Storage } from '../storage/storage.ts';

export const bareContext = (runtime: Runtime, storage: Storage): BackendContext => ({
  runtime,
  mount: { point: 'sys/', type: 'system', accessor: '', class: 'system', uuid: '' },
  storage,
  options: {},
  system: nothing,
});

const missing = (): Promise<never> => Promise.reject(failure('the server is not unsealed'));

const nothing: SystemView = {
  defaultLeaseTtl: () => 0,
  maxLeaseTtl: () => 0,
  active: true,
  clusterId: '',
  entity: missing,
  generatePassword: missing,
  fillTemplate: missing,
  externalKey: missing,
};
