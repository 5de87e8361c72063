const TEXT_FIELDS = ['title', 'etag', 'lastModified', 'contentType', 'sourceContentType'] as const;

/**
 * Checks the fields of a page other than its URL. A driver would store a number as text, or fail on an object.
 *
 * @param where Name of the page in the message, such as `pages[3]`.
 * @throws TypeError that names the field.
 */
export function checkPageFields(page: object, where: string): void {
  const fields = page as Record<(typeof TEXT_FIELDS)[number] | 'depth', unknown>;
  for (const name of TEXT_FIELDS) {
    const value = fields[name];
    if (value === undefined || value === null || typeof value === 'string') continue;
    throw new TypeError(`${where}.${name} must be a string or null, not ${typeof value}.`);
  }
  const { depth } = fields;
  if (depth === undefined || depth === null || Number.isSafeInteger(depth)) return;
  throw new TypeError(`${where}.depth must be a whole number or null, not ${String(depth)}.`);
}
