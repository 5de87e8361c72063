/** LangChain embeddings as an embedder of Switchyard. Nothing of LangChain is imported: any object of this shape works. */
export { type FromLangChainOptions, fromLangChain, type LangChainEmbeddings } from './from-langchain.js';
