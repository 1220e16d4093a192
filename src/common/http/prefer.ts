/**
 * Whether a Prefer header contains `respond-async` (RFC 7240, 4.1). The comparison ignores case, and parameters of the
 * preference.
 */
export function prefersAsync(header: string | string[] | undefined): boolean {
  const preferences = [header ?? []].flat().join(',').split(',');
  return preferences.some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}
