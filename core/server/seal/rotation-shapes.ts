/** What goes in and out of a rotation of root or recovery keys. */

export interface RotationParameters {
  readonly shares: number;
  readonly threshold: number;
  readonly pgpKeys: readonly string[];
  readonly backup: boolean;
  readonly requireVerification: boolean;
}

/** `shares` and `threshold` are those of the new key, `required` the shares of the present one. */
export type RotationStatus =
  | { readonly started: false; readonly required: number }
  | {
      readonly started: true;
      readonly required: number;
      readonly nonce: string;
      readonly shares: number;
      readonly threshold: number;
      readonly progress: number;
      readonly verificationRequired: boolean;
      /** Of the PGP keys, one a share; none where shares are shown in clear. */
      readonly fingerprints: readonly string[];
      readonly backup: boolean;
      /** '' until the new shares wait for verification, or a verification was restarted before there was one. */
      readonly verificationNonce: string;
    };

export interface RotationResult {
  readonly nonce: string;
  /** None where an auto seal's root key was rotated. */
  readonly shares: readonly Uint8Array[];
  readonly threshold: number;
  readonly backup: boolean;
  readonly fingerprints: readonly string[];
  readonly verificationRequired: boolean;
  readonly verificationNonce: string;
}

export interface VerificationStatus {
  readonly started: boolean;
  readonly nonce: string;
  readonly shares: number;
  readonly threshold: number;
  readonly progress: number;
}
