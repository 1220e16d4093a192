import { applyDecorators } from '@nestjs/common';
import { IsString, Matches } from 'class-validator';

/** Safe as part of a path, a key or a URL. */
export const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const IsProjectName = (): PropertyDecorator =>
  applyDecorators(
    IsString(),
    Matches(PROJECT_NAME, {
      message:
        'must be 1 to 64 letters, digits, dots, underscores or hyphens, and start with a letter or digit',
    }),
  );
