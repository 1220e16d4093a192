/** Value of the setting: more than its default, because a single execution may meet many faults. */
export const EXECUTION_ATTEMPTS_MAX = '5';
