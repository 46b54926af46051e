/** One print in every warehouse: the same 64 bits of an MD5, read as a number in ways of their own. */

/** The number that another order of the same eight bytes makes, as digits; of a signed number too. */
export function turned(digits: string): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(digits)));
  return String(bytes.readBigUInt64LE());
}

/** The same bits with a sign, for warehouses without unsigned numbers. */
export const signed = (digits: string): string => String(BigInt.asIntN(64, BigInt(digits)));
