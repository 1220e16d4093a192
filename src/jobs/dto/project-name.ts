/** The name of a project: harmless as a part of a path, a key or a URL. */
import { applyDecorators } from '@nestjs/common';
import { IsString, Matches } from 'class-validator';

export const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const IsProjectName = (): PropertyDecorator =>
  applyDecorators(
    IsString(),
    Matches(PROJECT_NAME, {
      message: 'must be 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit first',
    }),
  );
