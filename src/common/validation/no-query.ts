import { OptionalBody } from './optional-body';

/** No query parameters: every parameter is rejected by name. */
export class NoQuery {}

/** No body, or an empty object: every field is rejected by name. */
@OptionalBody()
export class NoBody {}
