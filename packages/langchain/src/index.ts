/** LangChain vector store and retriever on a `DocumentStore` of Switchyard. */
export type { SwitchyardVectorStoreConfig } from './config.js';
export type { DocumentFilter, MetadataFilter } from './filter.js';
export { type AddOptions, SwitchyardVectorStore } from './vector-store.js';
