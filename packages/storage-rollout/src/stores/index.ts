export * from './conflict-note.js';
export * from './contents.js';
export * from './execute-call.js';
