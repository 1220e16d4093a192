/** Documents the preference not to wait. */
import { ApiHeader } from '@nestjs/swagger';

export const ApiPrefer = (): MethodDecorator & ClassDecorator =>
  ApiHeader({
    name: 'Prefer',
    description: '`respond-async` (RFC 7240) accepts the execution and does not wait for it.',
    required: false,
    schema: { type: 'string', enum: ['respond-async'] },
  });
