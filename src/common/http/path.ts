/** @returns the path of a request URL, without the query */
export const pathFromUrl = (url: string): string => url.split('?', 1)[0] ?? url;
