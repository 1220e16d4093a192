/** Requests that carry nothing: whatever comes all the same is refused by name. */
import { OptionalBody } from './optional-body';

export class NoQuery {}

@OptionalBody()
export class NoBody {}
