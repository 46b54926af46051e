/** Addresses of this machine: an emulator's, where nobody signs in for real and who does not answer is gone. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && URL.canParse(address) && own.test(new URL(address).hostname);

const own = /^(localhost|127(\.\d+){3}|\[::1\])$/;
