import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { IsOptionalNonNull } from '../../common/validation/fields';
import type { RequestedLimits } from '../../engine-contract/execution-request';
import { LIMIT_NAMES, type LimitName, REQUEST_LIMITS } from '../request-limits';

const INT32_MAX = 2 ** 31 - 1;

type LimitField = (typeof REQUEST_LIMITS)[LimitName]['field'];
const LimitFields = class {} as new () => { readonly [Field in LimitField]?: number };

/** The limits of a request. Its fields and their decorators come from `REQUEST_LIMITS`. */
export class LimitsBody extends LimitFields {
  static toLimits(body: LimitsBody): RequestedLimits {
    return Object.fromEntries(LIMIT_NAMES.map((name) => [name, body[REQUEST_LIMITS[name].field]]));
  }
}

for (const { field, min, description, example } of Object.values(REQUEST_LIMITS)) {
  const decorators = [
    ApiPropertyOptional({ description, type: 'integer', example }),
    IsOptionalNonNull(),
    IsInt(),
    Min(min),
    Max(INT32_MAX),
  ];
  for (const decorate of decorators) decorate(LimitsBody.prototype, field);
}
