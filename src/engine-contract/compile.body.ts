import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { EndedBody } from './output.body';
import type { CompileReport } from './report';
import { ResourceBody } from './resource.body';
import { toSnakeCase } from './snake-case';

/** A compilation, in the public API and in the API of the engine. */
export class CompileBody extends EndedBody {
  @ApiProperty({ description: 'The resource usage of the compiler.', type: ResourceBody })
  @IsObject()
  @ValidateNested()
  @Type(() => ResourceBody)
  readonly resource!: ResourceBody;

  static from(report: CompileReport): CompileBody {
    return toSnakeCase(report);
  }
}
