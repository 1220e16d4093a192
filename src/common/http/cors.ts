import type { FastifyRequest } from 'fastify';
import type { ServerSettings } from '../../config/settings';

/** Response headers that a page of another origin may read. */
const EXPOSED_HEADERS = ['Location', 'Link', 'Retry-After', 'X-Request-Id', 'Idempotency-Replayed'];

interface CorsOptions {
  origin: '*' | (string | RegExp)[];
  exposedHeaders: string[];
  preflight: boolean;
}

/** Options per request, because an OPTIONS request that is not a preflight must get a `method-not-allowed` problem. */
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
