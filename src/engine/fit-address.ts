import { isIP } from "node:net";
import { bareHost, mayConnect, resolveAll, type Resolve } from "./guarded-connect.ts";
import { WireFault } from "./wire.ts";

/**
 * The address to connect to for a host that is no HTTP endpoint, judged as those of HTTP are (decision 39): connecting to
 * the very address that was judged, a name that answers differently the second time changes nothing. E816 where it is
 * private without leave.
 */
export async function fitAddress(host: string, allowPrivate: boolean, resolve: Resolve = resolveAll): Promise<string> {
  const name = bareHost(host);
  const allowed = new Set(allowPrivate ? [name] : []);
  const addresses = isIP(name) === 0 ? await addressesOf(name, resolve) : [name];
  const fit = addresses.find((address) => mayConnect(name, address, allowed));
  if (fit !== undefined) return fit;
  throw new WireFault(`${host} is a private address, which is not allowed`, false, {
    code: "E816",
    hint: "if it is meant to be private, set `allow_private_network: true` in the destination's config",
  });
}

function addressesOf(name: string, resolve: Resolve): Promise<readonly string[]> {
  return new Promise((done, failed) => {
    resolve(name, (error, found) => {
      if (error) failed(new WireFault(`${name}: the name is not known (${error.code ?? "no address"})`, false));
      else done(found.map(({ address }) => address));
    });
  });
}
