/**
 * Valid and invalid certificates for TLS tests, created in each process by the `openssl` command.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { temporaryFolder } from "./temporary_folder.ts";

/** A certificate and its key, as PEM text and as files for other programs. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Folder of the files `good.pem`, `good.key`, … */
export const folder: string = temporaryFolder();

const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
const HERE = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n";

/** The authority that the tests trust. */
export const authority: Certificate = makeAuthority("authority");
/** An authority that no client trusts. */
const unknownAuthority: Certificate = makeAuthority("unknownAuthority");
/** Valid for `localhost`, `127.0.0.1` and `::1`. */
export const good: Certificate = issue("good", HERE);
/** Valid for `other.example` only. */
export const otherHost: Certificate = issue("otherHost", "subjectAltName=DNS:other.example\n");
/** Valid for `localhost`, but not for its addresses. */
export const nameOnly: Certificate = issue("nameOnly", "subjectAltName=DNS:localhost\n");
/** Like `good`, but expired in 2021. */
export const expired: Certificate = issueExpired("expired");
/** Like `good`, but issued by the unknown authority. */
export const untrusted: Certificate = issue("untrusted", HERE, unknownAuthority);
/** Like `good`, but self-signed. */
export const selfSigned: Certificate = issue("selfSigned", HERE, "itself");
/** Valid for all names with one label before `example.com`. */
export const wildcard: Certificate = issue("wildcard", "subjectAltName=DNS:*.example.com\n");
/** A client's certificate. */
export const client: Certificate = issue("client", "subjectAltName=DNS:client.example\n");

/** Returns the certificate in DER, the form of `peerCertificate`. */
export function derOf({ cert }: Certificate): Uint8Array {
  const base64 = cert.replace(/-----[^-]+-----|\s/g, "");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function makeAuthority(name: string): Certificate {
  const config = write(name, "[req]\ndistinguished_name=dn\n[dn]\n");
  openssl(`req -x509 -config ${config} -subj /CN=${name} -days 2 -nodes ${KEY}
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    -keyout ${file(name, "key")} -out ${file(name, "pem")}`);
  return read(name);
}

function issue(
  name: string,
  extensions: string,
  by: Certificate | "itself" = authority,
): Certificate {
  request(name, extensions);
  const signer = by !== "itself"
    ? `-CA ${by.certFile} -CAkey ${by.keyFile} -CAcreateserial`
    : `-signkey ${file(name, "key")}`;
  openssl(
    `x509 -req -in ${file(name, "csr")} -days 2 ${signer}
    -extfile ${file(name, "cnf")} -out ${file(name, "pem")}`,
  );
  return read(name);
}

/** Uses `openssl ca`, the only command that can set the dates of a certificate. */
function issueExpired(name: string): Certificate {
  request(name, HERE);
  write("index", "");
  const config = write(
    "ca",
    `[ca]\ndefault_ca=ca\n[ca]\ndatabase=${folder}/index.cnf\nnew_certs_dir=${folder}\n` +
      "rand_serial=yes\ndefault_md=sha256\npolicy=policy\n[policy]\ncommonName=supplied\n",
  );
  openssl(`ca -config ${config} -batch -notext -cert ${authority.certFile}
    -keyfile ${authority.keyFile} -startdate 20200101000000Z -enddate 20210101000000Z
    -extfile ${file(name, "cnf")} -in ${file(name, "csr")} -out ${file(name, "pem")}`);
  return read(name);
}

function request(name: string, extensions: string): void {
  const usage = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n";
  const config = write(name, `${extensions}${usage}[req]\ndistinguished_name=dn\n[dn]\n`);
  openssl(`req -new -config ${config} -subj /CN=${name} -nodes ${KEY}
    -keyout ${file(name, "key")} -out ${file(name, "csr")}`);
}

function openssl(line: string): void {
  execFileSync("openssl", line.split(/\s+/), { stdio: "pipe" });
}

function file(name: string, kind: "pem" | "key" | "csr" | "cnf"): string {
  return `${folder}/${name}.${kind}`;
}

function write(name: string, config: string): string {
  writeFileSync(file(name, "cnf"), config);
  return file(name, "cnf");
}

function read(name: string): Certificate {
  const [certFile, keyFile] = [file(name, "pem"), file(name, "key")];
  const [cert, key] = [readFileSync(certFile, "utf8"), readFileSync(keyFile, "utf8")];
  return { cert, key, certFile, keyFile };
}
