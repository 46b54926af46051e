const codes =
  "al:alabama ak:alaska az:arizona ar:arkansas ca:california co:colorado ct:connecticut de:delaware " +
  "dc:districtofcolumbia fl:florida ga:georgia hi:hawaii id:idaho il:illinois in:indiana ia:iowa ks:kansas ky:kentucky " +
  "la:louisiana me:maine md:maryland ma:massachusetts mi:michigan mn:minnesota ms:mississippi mo:missouri mt:montana " +
  "ne:nebraska nv:nevada nh:newhampshire nj:newjersey nm:newmexico ny:newyork nc:northcarolina nd:northdakota oh:ohio " +
  "ok:oklahoma or:oregon pa:pennsylvania ri:rhodeisland sc:southcarolina sd:southdakota tn:tennessee tx:texas ut:utah " +
  "vt:vermont va:virginia wa:washington wv:westvirginia wi:wisconsin wy:wyoming";

/** Names of the states of the US, lower case without spaces -> postal code (USPS Publication 28, appendix B). */
export const usStates: ReadonlyMap<string, string> = new Map(
  codes.split(" ").map((pair) => {
    const [code = "", name = ""] = pair.split(":");
    return [name, code] as const;
  }),
);
