/** Packages that only some servers need, and that nobody else has to install. */

export class MissingPackage extends Error {}

/** A package that is not there is one clear line. Rejects with MissingPackage then. */
export async function optionalPackage<T>(name: string, use: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MissingPackage(`the package ${name} is needed for ${use}: npm install ${name}`);
  }
}
