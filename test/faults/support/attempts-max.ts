/** As settings have it: more than the default, since a single execution may meet many faults here. */
export const EXECUTION_ATTEMPTS_MAX = '5';
