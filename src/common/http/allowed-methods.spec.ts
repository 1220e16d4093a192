import fastify from 'fastify';
import { AllowedMethods } from './allowed-methods';

describe('AllowedMethods', () => {
  const app = fastify({ exposeHeadRoutes: false });
  const allowed = new AllowedMethods(app);
  const handler = (): string => '';
  app.get('/', handler);
  app.post('/jobs/:id', handler);
  app.get('/jobs/:id', handler);
  app.delete('/jobs/special', handler);
  app.get('/jobs/:id/code', handler);
  app.route({ method: ['PUT', 'PATCH'], url: '/files/*', handler });
  app.get('/a.b', handler);
  app.options('*', handler);

  it.each([
    ['/', ['GET']],
    ['/jobs/1', ['GET', 'POST']],
    ['/jobs/special', ['DELETE', 'GET', 'POST']],
    ['/jobs/1/code', ['GET']],
    ['/files/a/b/c', ['PATCH', 'PUT']],
    ['/a.b', ['GET']],
  ])('finds for %s the methods %j', (path, methods) => {
    expect(allowed.findMethods(path)).toEqual(methods);
  });

  it.each([
    '/jobs',
    '/jobs/',
    '/jobs/1/',
    '/jobs/1/2',
    '/jobs//code',
    '/other',
    '/axb',
    '/jobs/1/code/more',
    '',
  ])('finds no method for %j, which matches no route', (path) => {
    expect(allowed.findMethods(path)).toEqual([]);
  });
});
