import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length, MinLength } from 'class-validator';
import { IsWellFormedText, IsOptionalNonNull } from '../../common/validation/fields';
import { IsProjectName, PROJECT_NAME } from './project-name';

export class UploadRequest {
  @ApiProperty({
    description:
      'The source code of the program, as one file. At most CODE_MAX_BYTES bytes of UTF-8 (1 MiB by default), without NUL characters.',
    example: 'print("hello")',
    minLength: 1,
  })
  @IsWellFormedText({ nul: false })
  @MinLength(1)
  readonly code!: string;

  @ApiProperty({
    description: 'The id or an alias of a language, in upper or lower case. `GET /api/languages` lists them.',
    example: 'python',
    minLength: 1,
    maxLength: 32,
  })
  @IsString()
  @Length(1, 32)
  readonly language!: string;

  @ApiPropertyOptional({
    description:
      'Groups jobs, to filter the list by. At most 64 letters, digits, `.`, `_` and `-`; starts with a letter or digit.',
    example: 'demo',
    pattern: PROJECT_NAME.source,
  })
  @IsOptionalNonNull()
  @IsProjectName()
  readonly project?: string;

  @ApiPropertyOptional({
    description: 'A name for the code. The service stores it and does not interpret it.',
    example: 'main',
    minLength: 1,
    maxLength: 128,
  })
  @IsOptionalNonNull()
  @IsWellFormedText({ nul: false })
  @Length(1, 128)
  readonly function_name?: string;

  @ApiPropertyOptional({
    description: 'A note on the job. The service stores it and does not interpret it.',
    example: 'Greets.',
    minLength: 1,
    maxLength: 1000,
  })
  @IsOptionalNonNull()
  @IsWellFormedText({ nul: false })
  @Length(1, 1000)
  readonly description?: string;
}

/** Each example runs as it is. Swagger UI sends the first one by default. */
export const UPLOAD_EXAMPLES = {
  python: { summary: 'Python', value: { code: 'print("hello")', language: 'python' } },
  input: {
    summary: 'JavaScript that reads its input',
    value: {
      code: 'const name = require("fs").readFileSync(0, "utf8").trim();\nconsole.log(`hello ${name}`);\n',
      language: 'javascript',
    },
  },
  execute: {
    summary: 'Python, executed at once',
    value: { code: 'print("hello")', language: 'python', execute: true },
  },
  everything: {
    summary: 'C, with every field',
    value: {
      code: '#include <stdio.h>\n\nint main(void) {\n  puts("hello");\n  return 0;\n}\n',
      language: 'c',
      project: 'demo',
      function_name: 'main',
      description: 'Greets.',
    },
  },
};
