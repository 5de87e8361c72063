import { query } from './sqld.js';

/** Everything a store on a server holds: the objects of the schema, and the number of rows of each table. */
export async function fingerprintOfServer(url: string, token?: string): Promise<unknown> {
  const schema = await query(
    url,
    'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name',
    token,
  );
  const rows: unknown[] = [];
  for (const [type, name, , sql] of schema) {
    if (type !== 'table' || String(sql).startsWith('CREATE VIRTUAL')) continue;
    rows.push([name, await query(url, `SELECT count(*) FROM "${String(name)}"`, token)]);
  }
  return { schema, rows };
}
