import { BlockList, isIP } from "node:net";

/** Where no request may go unless the configuration names the host (decision 39); IANA special-purpose registries. */
const privateRanges: readonly string[] = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // RFC 1918
  "100.64.0.0/10", // carrier-grade NAT, RFC 6598
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, cloud metadata
  "172.16.0.0/12", // RFC 1918
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // RFC 1918
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
  "::/128", // unspecified
  "::1/128", // loopback
  "64:ff9b:1::/48", // local NAT64, RFC 8215
  "100::/64", // discard
  "2001::/23", // Teredo and other protocol assignments
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "3fff::/20", // documentation
  "5f00::/16", // segment routing
  "fc00::/7", // unique local
  "fe80::/10", // link-local
  "fec0::/10", // site-local
  "ff00::/8", // multicast
];

/** Cloud metadata: never, whatever is allowed. */
const neverAddresses: ReadonlySet<string> = new Set(["169.254.169.254", "fd00:ec2:0:0:0:0:0:254"]);

const blocked = new BlockList();
for (const range of privateRanges) {
  const [network = "", bits] = range.split("/");
  blocked.addSubnet(network, Number(bits), network.includes(":") ? "ipv6" : "ipv4");
}

/** `never`: metadata, refused even where private addresses are allowed. Anything that is no address is private. */
export function addressKind(address: string): "public" | "private" | "never" {
  const plain = plainAddress(address);
  if (plain === null) return "private";
  if (neverAddresses.has(plain)) return "never";
  return blocked.check(plain, plain.includes(":") ? "ipv6" : "ipv4") ? "private" : "public";
}

/**
 * The address that is really meant: the IPv4 inside mapped (`::ffff:a.b.c.d`), translated (`64:ff9b::`, `::ffff:0:`) and
 * compatible (`::a.b.c.d`) forms, IPv6 as eight groups; null when it is no address.
 */
function plainAddress(address: string): string | null {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return null;
  const groups = groupsOf(bare);
  const head = groups.slice(0, 6).join(":");
  const high = groups[6] ?? 0;
  const low = groups[7] ?? 0;
  const embeds = ["0:0:0:0:0:65535", "0:0:0:0:65535:0", "100:65435:0:0:0:0", "0:0:0:0:0:0"].includes(head);
  // `::` and `::1` are addresses of their own.
  if (!embeds || (head === "0:0:0:0:0:0" && high === 0 && low <= 1))
    return groups.map((group) => group.toString(16)).join(":");
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

function groupsOf(address: string): readonly number[] {
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const left = before === "" ? [] : before.split(":");
  const right = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
