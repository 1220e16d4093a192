/** What a client sends to upload code. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length, Matches, MinLength } from 'class-validator';
import { IsWellFormedText, MayBeAbsent } from '../../common/validation/fields';

/** A name that is harmless as a part of a path, a key or a URL. */
const PROJECT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export class UploadRequest {
  @ApiProperty({
    description:
      'The program, as one file. At most CODE_MAX_BYTES bytes of UTF-8 (1 MiB by default), without NUL.',
    example: 'print("hello")',
    minLength: 1,
  })
  @IsWellFormedText({ nul: false })
  @MinLength(1)
  readonly code!: string;

  @ApiProperty({
    description: 'The id or an alias of a language, in any case; GET /api/languages lists them.',
    example: 'python',
    maxLength: 32,
  })
  @IsString()
  @Length(1, 32)
  readonly language!: string;

  @ApiPropertyOptional({
    description: 'Groups jobs for the list: letters, digits, `.`, `_` and `-`, at most 64.',
    example: 'demo',
    pattern: PROJECT.source,
  })
  @MayBeAbsent()
  @IsString()
  @Matches(PROJECT, {
    message: 'must be 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit first',
  })
  readonly project?: string;

  @ApiPropertyOptional({
    description: 'Your name for what the code does; kept, not interpreted.',
    example: 'main',
    minLength: 1,
    maxLength: 128,
  })
  @MayBeAbsent()
  @IsWellFormedText({ nul: false })
  @Length(1, 128)
  readonly function_name?: string;

  @ApiPropertyOptional({
    description: 'Your note on the job; kept, not interpreted.',
    example: 'Greets.',
    minLength: 1,
    maxLength: 1000,
  })
  @MayBeAbsent()
  @IsWellFormedText({ nul: false })
  @Length(1, 1000)
  readonly description?: string;
}
