import { ApiHeader } from '@nestjs/swagger';

/** Documents the header Prefer. */
export const ApiPrefer = (): MethodDecorator & ClassDecorator =>
  ApiHeader({
    name: 'Prefer',
    description:
      'With `respond-async` (RFC 7240) the service queues the execution and responds with 202 without waiting for the result.',
    required: false,
    schema: { type: 'string', enum: ['respond-async'] },
  });
