import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { TemplateBackend } from './backend.js';

/**
 * The connection strings of this backend: `template-scheme:` and a path. For a server, the guide shows which
 * protocols, credentials and tokens a scheme may have. Options that follow a `?` are declared in `options`.
 */
export const templateBackend: BackendDefinition = {
  name: 'template-scheme',
  schemes: [
    {
      prefix: 'template-scheme:',
      location: 'path',
      example: 'template-scheme:PATH',
      description: 'a template-scheme store',
    },
  ],
  options: [],
  // Creates a backend that is not open yet. Does no I/O.
  create: ({ location }) => new TemplateBackend({ location: location.type === 'file' ? location.path : '' }),
};
