import type { TlsCertificate, TlsOptions } from "./transport.ts";

/** The contexts of certificates, each created when a client first requests it. */
const contexts: WeakMap<TlsCertificate, object> = /* @__PURE__ */ new WeakMap();

/**
 * Returns the runtime's context for the name that a client requests: with the certificate of the name
 * itself, otherwise with that of a wildcard in place of its first label; `undefined` for the default one.
 *
 * @param options Checked options: the names in their table are in lower case.
 * @param create Creates a context from options with the certificate as `key` and `cert`.
 */
export function contextFor(
  options: TlsOptions,
  serverName: string,
  create: (options: TlsOptions) => object,
): object | undefined {
  const { sni = {} } = options;
  const name = serverName.toLowerCase();
  const key = [name, name.replace(/^[^.]+/, "*")].find((key) => Object.hasOwn(sni, key));
  if (key === undefined) return undefined;
  const certificate = sni[key]!;
  let context = contexts.get(certificate);
  if (context === undefined) {
    context = create({ ...options, ...certificate });
    contexts.set(certificate, context);
  }
  return context;
}
