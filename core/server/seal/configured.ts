/** Which seal the configuration and the environment ask for, and which one they leave. */
import { failure } from '../../fault.ts';
import type { Runtime } from '../../runtime.ts';
import { isDisabled } from '../configuration/seals.ts';
import type { Pkcs11Module } from './pkcs11-module.ts';
import type { SealWrapper } from './wrapper.ts';

/** `seal "static" { … }`. */
export interface SealStanza {
  readonly type: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface SealSources {
  /** A variable by its full name. */
  environment(name: string): string | undefined;
  /** Throws an Error with Go's text: `open /key: no such file or directory`. */
  readFile(path: string): Uint8Array;
  /** A PKCS#11 library, initialised. Rejects with a Fault or an Error. Absent where there is none to load. */
  openModule?(path: string): Promise<Pkcs11Module>;
}

/** One kind of seal; loaded when it is asked for, because most servers need one of them. */
export type MakeWrapper = (runtime: Runtime, settings: SealStanza['settings'], sources: SealSources) => SealWrapper;

const kinds: Readonly<Record<string, () => Promise<{ readonly make: MakeWrapper }>>> = {
  alicloudkms: () => import('./alicloud-kms-settings.ts'),
  awskms: () => import('./aws-kms-settings.ts'),
  azurekeyvault: () => import('./azure-key-vault-settings.ts'),
  gcpckms: () => import('./gcp-kms-settings.ts'),
  kmip: () => import('./kmip-settings.ts'),
  ocikms: () => import('./oci-kms-settings.ts'),
  pkcs11: () => import('./pkcs11-settings.ts'),
  static: () => import('./static-settings.ts'),
  transit: () => import('./transit-settings.ts'),
};

export interface ConfiguredSeals {
  /** Undefined for Shamir. */
  readonly seal: SealWrapper | undefined;
  /** The disabled one, to migrate from. */
  readonly old: SealWrapper | undefined;
}

/** Rejects with a Fault: `Error configuring seal "zz": unknown wrapper: zz`. */
export async function configuredSeals(
  runtime: Runtime,
  stanzas: readonly SealStanza[],
  sources: SealSources,
): Promise<ConfiguredSeals> {
  const current = stanzas.find((stanza) => !isDisabled(stanza));
  const old = stanzas.find(isDisabled);
  const type = current?.type ?? sources.environment('BAO_SEAL_TYPE') ?? 'shamir';
  const connected = (name: string, settings: SealStanza['settings']) => configured(name, settings, runtime, sources);
  return {
    seal: await connected(type, current?.settings ?? {}),
    old: old === undefined ? undefined : await connected(old.type, old.settings),
  };
}

async function configured(
  type: string,
  settings: SealStanza['settings'],
  runtime: Runtime,
  sources: SealSources,
): Promise<SealWrapper | undefined> {
  if (type === 'shamir') return undefined;
  try {
    const kind = await kinds[type]?.();
    if (kind === undefined) throw failure(`unknown wrapper: ${type}`);
    const wrapper = kind.make(runtime, settings, sources);
    await wrapper.connect?.();
    return wrapper;
  } catch (error) {
    throw failure(`Error configuring seal "${type}": ${error instanceof Error ? error.message : String(error)}`);
  }
}
