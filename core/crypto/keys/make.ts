/** New private keys. */
import type { Runtime } from '../../runtime.ts';
import type { EcdsaKey, MlDsaLevel } from '../crypto.ts';
import type { PrivateKey } from './key.ts';

export type KeySpec =
  | { readonly kind: 'rsa'; readonly bits: 2048 | 3072 | 4096 | 8192 }
  | { readonly kind: 'ecdsa'; readonly curve: EcdsaKey['curve'] }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'mldsa'; readonly level: MlDsaLevel };

/** RSA keys take their time: off the main thread on the host, virtual CPU time in simulation. */
export async function makePrivateKey(runtime: Runtime, spec: KeySpec): Promise<PrivateKey> {
  const { crypto, cpu } = runtime;
  const random = (length: number): Uint8Array => runtime.random.bytes(length);
  switch (spec.kind) {
    case 'rsa':
      await cpu.spend('rsa.generate');
      return { kind: 'rsa', key: await crypto.rsaGenerate(spec.bits, random) };
    case 'ecdsa':
      return { kind: 'ecdsa', key: crypto.ecdsaGenerate(spec.curve, random) };
    case 'ed25519':
      return { kind: 'ed25519', seed: random(32) };
    case 'mldsa':
      return { kind: 'mldsa', level: spec.level, seed: random(32) };
  }
}
