import { ApiProperty } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsString } from 'class-validator';
import type { Language } from './language';
import { IsNullable } from '../common/validation/fields';

/** A language, in the public API and in the API of the engine. */
export class LanguageBody implements Language {
  @ApiProperty({ description: 'The canonical id.', example: 'python' })
  @IsString()
  readonly id!: string;

  @ApiProperty({ description: 'The name to display.', example: 'Python' })
  @IsString()
  readonly name!: string;

  @ApiProperty({
    description: 'Other names that an upload may use. They are not case-sensitive.',
    example: ['py', 'python3'],
    type: [String],
  })
  @IsArray()
  @IsString({ each: true })
  readonly aliases!: readonly string[];

  @ApiProperty({ description: 'The extension of the stored file.', example: 'py' })
  @IsString()
  readonly extension!: string;

  @ApiProperty({
    description: 'The installed version; null when the language is not installed.',
    example: '3.11.2',
    type: String,
    nullable: true,
  })
  @IsNullable()
  @IsString()
  readonly version!: string | null;

  @ApiProperty({ description: 'Whether an execution compiles the program first.', example: false })
  @IsBoolean()
  readonly compiled!: boolean;

  @ApiProperty({ description: 'Whether this service can execute the language.', example: true })
  @IsBoolean()
  readonly available!: boolean;

  @ApiProperty({
    description: 'A problem that affects executions, such as a missing sandbox; null when there is none.',
    example: null,
    type: String,
    nullable: true,
  })
  @IsNullable()
  @IsString()
  readonly warning!: string | null;
}
