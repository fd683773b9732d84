declare const process: { readonly versions: { readonly node: string } };

/** Returns the major version of Node. */
export function nodeVersion(): number {
  return Number.parseInt(process.versions.node);
}
