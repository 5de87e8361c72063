/** What the two backends of the SQLite family share. */
export * from './driver.js';
