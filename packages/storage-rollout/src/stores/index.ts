export * from './contents.js';
export * from './execute-call.js';
