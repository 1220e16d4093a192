/** Marks a request DTO whose body may be absent altogether. */
import { SetMetadata } from '@nestjs/common';

export const OPTIONAL_BODY = Symbol('optional body');
export const OptionalBody = (): ClassDecorator => SetMetadata(OPTIONAL_BODY, true);
