/**
 * Loads a package of `bench/packages/package.json`.
 *
 * @typeParam Module What is used of it. It is said here, so that it need not be installed to be checked.
 */
export async function load<Module>(name: string): Promise<Module> {
  return await import(name);
}
