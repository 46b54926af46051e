/**
 * What a client threw, for the cause of our own error: its words, number and stack.
 *
 * What hangs on it goes: the request with its tokens, headers and bodies, which whoever prints an error to its depth would print.
 */
export function thinCause(error: unknown): Error {
  const { message, code, stack, name } = (typeof error === "object" && error !== null ? error : {}) as Error & {
    readonly code?: unknown;
  };
  const thin = new Error(String(message ?? error));
  if (stack !== undefined) thin.stack = stack;
  return Object.assign(thin, {
    ...(name === undefined || name === "Error" ? {} : { name }),
    ...(code === undefined ? {} : { code }),
  });
}
