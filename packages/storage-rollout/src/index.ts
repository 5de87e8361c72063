export * from './compare/classify.js';
export * from './compare/comparison-counts.js';
export * from './compare/comparisons.js';
export * from './compare/latencies.js';
export * from './gates/bound.js';
export * from './gates/evidence.js';
export * from './gates/gate.js';
export * from './machine/index.js';
