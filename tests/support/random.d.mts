export declare function seededRandom(stream?: number): () => number;
