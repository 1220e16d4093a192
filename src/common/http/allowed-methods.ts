import type { FastifyInstance } from 'fastify';

/** The route of the CORS plugin for preflights. It matches every path and is not an endpoint. */
const PREFLIGHT_ROUTE = '*';

/** The methods that each path supports, so that another method is a 405 with Allow and not a 404. */
export class AllowedMethods {
  private readonly routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** Records the routes that are registered after this call. */
  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ url, method }) => {
      if (url === PREFLIGHT_ROUTE) return;
      const route = this.routes.get(url) ?? { pattern: routeToRegExp(url), methods: new Set<string>() };
      for (const name of [method].flat()) route.methods.add(name);
      this.routes.set(url, route);
    });
  }

  /** @returns the methods in alphabetical order; empty when no route matches the path */
  findMethods(path: string): string[] {
    const methods = new Set<string>();
    for (const route of this.routes.values()) {
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    }
    return [...methods].sort();
  }
}

function routeToRegExp(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'),
    )
    .join('/');
  return new RegExp(`^${source}$`);
}
