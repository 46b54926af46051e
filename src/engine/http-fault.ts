import { HttpFault } from "../ports.ts";

/** Translates what went wrong below us. Only codes reach the message: addresses and headers may hold secrets. */
export function faultOf(error: unknown, arrived: boolean): HttpFault {
  if (error instanceof HttpFault) return error;
  const code = systemCode(error);
  const known = words[code];
  if (known) return new HttpFault(known[0], known[1], arrived);
  if (!arrived && isTls(code, error)) return new HttpFault("tls", `the TLS connection was refused (${code})`, false);
  return new HttpFault("connection", `the connection failed${code === "" ? "" : ` (${code})`}`, arrived);
}

const words: Readonly<Record<string, readonly [code: string, message: string]>> = {
  MILLRACE_PRIVATE_ADDRESS: ["private_address", "it is a private address, which is not allowed"],
  UND_ERR_CONNECT_TIMEOUT: ["connect_timeout", "no connection in time"],
  UND_ERR_HEADERS_TIMEOUT: ["headers_timeout", "no answer in time"],
  UND_ERR_BODY_TIMEOUT: ["body_timeout", "the answer stopped half-way"],
  UND_ERR_INVALID_ARG: ["invalid_request", "the request is malformed (a header or the method)"],
  ENOTFOUND: ["dns", "the name is not known (ENOTFOUND)"],
  EAI_AGAIN: ["dns", "the name server does not answer (EAI_AGAIN)"],
};

/** Node's certificate errors carry OpenSSL's names, protocol errors begin with ERR_SSL or are EPROTO. */
function isTls(code: string, error: unknown): boolean {
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/.test(code))
    return true;
  return code === "EPROTO" && error instanceof Error && /ssl|tls/i.test(error.message);
}

function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  return systemCode(error.cause);
}
