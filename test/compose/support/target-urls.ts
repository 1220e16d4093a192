/** The addresses of the balancer, first, and of each gateway. */
const urls = (process.env['TARGET_URLS'] ?? '').split(',');

export const SERVICE_URL = urls[0] ?? '';
export const GATEWAY_URLS = urls.slice(1);
