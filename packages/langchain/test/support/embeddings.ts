import { Embeddings } from '@langchain/core/embeddings';

/** Embeds a text as the counts of its letters, scaled to length 1; keeps the texts. */
export class LetterEmbeddings extends Embeddings {
  readonly documents: string[][] = [];
  readonly queries: string[] = [];

  constructor(private readonly maxTexts = Number.POSITIVE_INFINITY) {
    super({});
  }

  async embedDocuments(documents: string[]): Promise<number[][]> {
    this.documents.push(documents);
    if (documents.length > this.maxTexts) throw new Error('maximum allowed batch size exceeded');
    return documents.map(countLetters);
  }

  async embedQuery(document: string): Promise<number[]> {
    this.queries.push(document);
    return countLetters(document);
  }
}

export function countLetters(text: string): number[] {
  const counts = new Array<number>(26).fill(0.01);
  for (const letter of text.toLowerCase()) {
    const index = letter.charCodeAt(0) - 97;
    if (index >= 0 && index < 26) counts[index] = (counts[index] ?? 0) + 1;
  }
  const length = Math.hypot(...counts);
  return counts.map((count) => count / length);
}
