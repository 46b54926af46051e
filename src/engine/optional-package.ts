import { WireFault } from "./wire.ts";

/**
 * A package that only some destinations need, which is therefore not installed with millrace; E830 with the line that
 * installs it. `load` imports it; what it exports is the caller's to say.
 */
export async function optionalPackage<T>(name: string, load: () => Promise<unknown>): Promise<T> {
  try {
    return (await load()) as T;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    throw new WireFault(`the package ${name} is not installed`, false, {
      code: "E830",
      hint: `\`npm install ${name}\` beside millrace`,
    });
  }
}
