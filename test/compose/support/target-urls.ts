/** Where the service listens: first the balancer, then each gateway by itself. */
const urls = (process.env['TARGET_URLS'] ?? '').split(',');

export const SERVICE_URL = urls[0] ?? '';
export const GATEWAY_URLS = urls.slice(1);
