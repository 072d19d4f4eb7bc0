/** SCAN: all names below a folder, in upstream's order: a folder's own names first, then its sub-folders, last first. */
export async function scanNames(list: (folder: string) => Promise<readonly string[]>): Promise<string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await list(folder)) {
      if (name.endsWith('/')) folders.push(folder + name);
      else found.push(folder + name);
    }
  }
  return found;
}
