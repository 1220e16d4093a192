/** Which pages may call, and what is a preflight of theirs. */
import type { FastifyRequest } from 'fastify';
import type { ServerSettings } from '../../config/settings';

/** What a browser may read besides the body. */
const EXPOSED_HEADERS = ['Location', 'Link', 'Retry-After', 'X-Request-Id', 'Idempotency-Replayed'];

interface CorsOptions {
  origin: '*' | (string | RegExp)[];
  exposedHeaders: string[];
  preflight: boolean;
}

/** Asked anew for each request: an OPTIONS that is no preflight is a method like any other, and gets its problem. */
export const createCorsOptions = ({ corsOrigins }: Pick<ServerSettings, 'corsOrigins'>) => ({
  delegator: (
    { headers }: FastifyRequest,
    done: (error: Error | null, options: CorsOptions) => void,
  ): void => {
    done(null, {
      origin: corsOrigins === '*' ? '*' : [...corsOrigins],
      exposedHeaders: EXPOSED_HEADERS,
      preflight: headers.origin !== undefined && headers['access-control-request-method'] !== undefined,
    });
  },
});
