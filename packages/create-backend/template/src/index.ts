/** A Switchyard backend: the class, and the definition that applications register. */
export { TemplateBackend, type TemplateBackendOptions } from './backend.js';
export { templateBackend, templateBackend as default } from './definition.js';
