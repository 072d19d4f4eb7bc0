/** BAO_<name>, else VAULT_<name>; an empty variable is none. */
export function environment(name: string): string | undefined {
  for (const prefix of ['BAO', 'VAULT']) {
    const value = process.env[`${prefix}_${name}`];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
