import { SetMetadata } from '@nestjs/common';

/** The metadata key of OptionalBody. */
export const OPTIONAL_BODY = Symbol('optional body');

/** Marks a request DTO whose body may be absent. */
export const OptionalBody = (): ClassDecorator => SetMetadata(OPTIONAL_BODY, true);
