/** The names of this machine's loopback: addresses to listen on, Host headers, and origins of pages. */
const NAME = String.raw`(localhost|127(\.\d{1,3}){3}|\[::1\])`;
const ADDRESS = new RegExp(`^(${NAME}|::1)$`);
const AUTHORITY = new RegExp(`^${NAME}(:\\d+)?$`, 'i');

/** Nobody but this machine reaches what listens on it. */
export const isLoopback = (address: string): boolean => ADDRESS.test(address);

/** A name and perhaps a port, as in a Host header. */
export const isLoopbackAuthority = (authority: string): boolean => AUTHORITY.test(authority);

/** A page that this machine serves itself, on whatever port. */
export const LOOPBACK_ORIGIN = new RegExp(`^https?://${NAME}(:\\d+)?$`);
