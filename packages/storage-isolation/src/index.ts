/**
 * Runs any backend in child processes behind the same ports, so that a driver that hangs, aborts or is killed does not
 * take the application down.
 */
export type { DefinitionReference } from './definition/reference.js';
export { isolationOptions, withIsolation } from './definition/with-isolation.js';
export { IsolatedBackend, type IsolationRequest, isolate, type Processes } from './host/isolated-backend.js';
export { longCallsInChild } from './host/long-calls-in-child.js';
export { maintenanceInChild } from './host/maintenance-in-child.js';
export { migrationInChild } from './host/migration-in-child.js';
export type { Incident, IsolationOptions } from './host/options.js';
export { isProcessRunning } from './launcher/is-running.js';
export { repeatableMutations } from './protocol/mutations.js';
export { runTask, type Task, type TaskContext, type TaskRequest } from './task/run-task.js';
