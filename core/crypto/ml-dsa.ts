/**
 * ML-DSA (FIPS 204) over noble's. The library takes 15–40 ms to load, so who makes a `Crypto` says how it is loaded:
 * with the module in simulation, at first use on the host.
 */
import type { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import type { MlDsa, MlDsaLevel } from './crypto.ts';

export interface MlDsaLibrary {
  readonly ml_dsa44: typeof ml_dsa44;
  readonly ml_dsa65: typeof ml_dsa65;
  readonly ml_dsa87: typeof ml_dsa87;
}

export function mlDsaOver(library: () => MlDsaLibrary): MlDsa {
  const of = (level: MlDsaLevel) => {
    const { ml_dsa44, ml_dsa65, ml_dsa87 } = library();
    return { 44: ml_dsa44, 65: ml_dsa65, 87: ml_dsa87 }[level];
  };
  return {
    publicKey: (level, seed) => of(level).keygen(seed).publicKey,
    sign: (level, seed, message, random) =>
      of(level).sign(message, of(level).keygen(seed).secretKey, { extraEntropy: random ?? false }),
    verify(level, publicKey, message, signature) {
      const { lengths } = of(level);
      if (publicKey.length !== lengths.publicKey || signature.length !== lengths.signature) return false;
      return of(level).verify(signature, message, publicKey);
    },
  };
}
