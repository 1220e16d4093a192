const NAME = String.raw`(localhost|127(\.\d{1,3}){3}|\[::1\])`;
const ADDRESS = new RegExp(`^(${NAME}|::1)$`);
const AUTHORITY = new RegExp(`^${NAME}(:\\d+)?$`, 'i');

/** Whether only this machine can reach a server that listens on the address. */
export const isLoopback = (address: string): boolean => ADDRESS.test(address);

/** Whether the authority of a Host header, a name with an optional port, is a loopback name. */
export const isLoopbackAuthority = (authority: string): boolean => AUTHORITY.test(authority);

/** The origin of a page that this machine serves, on any port. */
export const LOOPBACK_ORIGIN = new RegExp(`^https?://${NAME}(:\\d+)?$`);
