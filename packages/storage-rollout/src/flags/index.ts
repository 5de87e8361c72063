export * from './flag-ceiling.js';
