import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { ProblemException } from '../../common/problems/problem.exception';
import { IsOptionalNonNull } from '../../common/validation/fields';
import { UploadRequest } from '../../jobs/dto/upload.request.dto';
import { ExecuteRequest } from './execute.request.dto';

export class UploadAndExecuteRequest extends IntersectionType(UploadRequest, ExecuteRequest) {
  @ApiPropertyOptional({
    description:
      'Whether to execute the job after the upload. `input`, `inputs`, `timeout` and `callback_url` are allowed only with `true`.',
    default: false,
    example: false,
  })
  @IsOptionalNonNull()
  @IsBoolean()
  readonly execute?: boolean;
}

/** @throws ProblemException `validation-failed` for fields of an execution without `execute: true` */
export function assertExecutionFieldsAllowed(request: UploadAndExecuteRequest): void {
  if (request.execute) return;
  const presentFields = (['input', 'inputs', 'timeout', 'callback_url'] as const).filter(
    (field) => request[field] !== undefined,
  );
  if (presentFields.length === 0) return;
  throw new ProblemException('validation-failed', `Invalid fields: ${presentFields.join(', ')}.`, {
    errors: presentFields.map((field) => ({ field, message: 'is allowed only with execute: true' })),
  });
}
