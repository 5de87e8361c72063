/**
 * {@link SwitchyardContainer} alone, without inversify: for programs that list their backends themselves and start often,
 * such as a command.
 *
 * @example
 * ```ts
 * await using container = new SwitchyardContainer([libsqlBackend]);
 * const backend = await container.openBackend(':memory:');
 * ```
 */
export {
  importBackend,
  type OptionalBackend,
  type OptionalPackage,
  optionalBackend,
} from './optional-backend.js';
export { type Environment, SwitchyardContainer } from './switchyard-container.js';
