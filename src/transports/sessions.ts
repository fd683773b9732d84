import type { Address, TlsOptions, TlsSession } from "./transport.ts";

/** A session that a client can resume. */
interface StoredSession {
  readonly version: string | undefined;
  /** The session in the form of the runtime. */
  readonly ticket: Uint8Array;
  /** The result of its handshake, where the runtime does not report it again. */
  readonly tls?: TlsSession;
}

/**
 * Returns the session that a client can resume, and a function that stores the next one. One of TLS 1.3 is
 * used only once (RFC 8446, appendix C.4); with TLS 1.2 a server may send no next one. A session is resumed
 * without verification, so it is found only with the same options.
 *
 * @param name The server's name.
 * @param address The server's address, of which only the port counts, since a name may have many.
 */
export function storedSession(
  { sessions, key: _, ...options }: TlsOptions,
  name: string,
  address: Address | undefined,
): { readonly stored: StoredSession | undefined; store(session: StoredSession): void } {
  const key = JSON.stringify([name, address?.port, address?.path, options]);
  const stored = sessions?.get(key) as StoredSession | undefined;
  if (stored?.version === "TLSv1.3") sessions?.delete(key);
  return { stored, store: (session) => void sessions?.set(key, session) };
}
