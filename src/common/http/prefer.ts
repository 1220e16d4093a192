/** Preferences of a request (RFC 7240). */

/** Tokens are compared without regard to case; a preference may have a value and parameters, which this one has not. */
export function prefersAsync(header: string | string[] | undefined): boolean {
  const preferences = [header ?? []].flat().join(',').split(',');
  return preferences.some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}
