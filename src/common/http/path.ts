/** The path of a request's URL. */
export const pathFromUrl = (url: string): string => url.split('?', 1)[0] ?? url;
