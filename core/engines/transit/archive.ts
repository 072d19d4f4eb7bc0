/**
 * Which versions a policy carries and which only its archive. The archive has every version that may still be brought
 * back; the policy those that may be used, so that reading it stays cheap however often the key was rotated.
 */
import { failure } from '../../fault.ts';
import { NO_VERSION } from './key-version.ts';
import type { Archive, Policy } from './policy.ts';

/** Both as they are to be stored; the archive is undefined when it stays as it is. */
export function archived(changed: Policy, archive: Archive): { policy: Policy; archive: Archive | undefined } {
  check(changed);
  if (!changed.keys.has(changed.minDecryptionVersion)) {
    return { policy: { ...changed, keys: broughtBack(changed, archive) }, archive: undefined };
  }
  const grown = archive.slice();
  for (let number = changed.archiveMinVersion + grown.length; number <= changed.latestVersion; number++) {
    grown.push(NO_VERSION);
  }
  for (let number = changed.archiveVersion + 1; number <= changed.latestVersion; number++) {
    const version = changed.keys.get(number);
    if (version !== undefined) grown[number - changed.archiveMinVersion] = version;
  }
  const trimmed = Math.max(0, changed.minAvailableVersion - changed.archiveMinVersion);
  const policy = {
    ...changed,
    archiveVersion: changed.latestVersion,
    archiveMinVersion: changed.archiveMinVersion + trimmed,
    keys: new Map([...changed.keys].filter(([number]) => number >= changed.minDecryptionVersion)),
  };
  return { policy, archive: grown.slice(trimmed) };
}

function broughtBack(policy: Policy, archive: Archive): Policy['keys'] {
  if (policy.archiveVersion !== policy.latestVersion) {
    throw failure('need to move keys from archive but archive version not up-to-date');
  }
  const keys = new Map<number, Archive[number]>();
  for (let number = policy.minDecryptionVersion; number <= policy.latestVersion; number++) {
    const version = archive[number - policy.archiveMinVersion];
    if (version !== undefined) keys.set(number, version);
  }
  return keys;
}

/** What no change may lead to; a restored backup can. */
function check({ minDecryptionVersion, latestVersion, archiveVersion, minEncryptionVersion }: Policy): void {
  if (minDecryptionVersion < 1) throw failure(`minimum decryption version of ${minDecryptionVersion} is less than 1`);
  if (latestVersion < 1) throw failure(`latest version of ${latestVersion} is less than 1`);
  if (archiveVersion > latestVersion) {
    throw failure(`archive version of ${archiveVersion} is greater than the latest version ${latestVersion}`);
  }
  if (minEncryptionVersion > 0 && minEncryptionVersion < minDecryptionVersion) {
    throw failure(
      `minimum decryption version of ${minDecryptionVersion} is greater than minimum encryption version ${minEncryptionVersion}`,
    );
  }
  if (minDecryptionVersion > latestVersion) {
    throw failure(
      `minimum decryption version of ${minDecryptionVersion} is greater than the latest version ${latestVersion}`,
    );
  }
}
