/** Limits stated in an error message. */
export interface StatedLimits {
  /** Maximum number of texts per request. */
  readonly texts?: number | undefined;
  /** Maximum number of tokens per text. */
  readonly textTokens?: number | undefined;
  /** Maximum number of tokens per request. */
  readonly requestTokens?: number | undefined;
}

/** OpenAI, Azure, Gemini, DashScope, Cohere, Voyage, TEI. */
const textsPatterns = [
  /maximum allowed batch size:? (\d+)/,
  /(?:maximum|max) batch size (?:is |of )?(\d+)/,
  /batch size limit (?:is |of )?(\d+)/,
  /batch size .{0,40}(?:larger|greater|more) than (\d+)/,
  /array with maximum length (\d+)/,
  /at most (\d+) (?:requests|inputs|texts|items|documents)/,
  /(?:number of (?:texts|inputs|items|documents)|list of inputs).{0,40}at most (\d+)/,
  /(?:maximum|max) (?:number )?(?:of )?(?:inputs|texts|items|documents)(?: is|:| of)? (\d+)/,
];

/** OpenAI, Voyage, Mistral. */
const requestPatterns = [
  /(\d+) tokens (?:per|in (?:one|a|each)) (?:request|batch|call)/,
  /tokens per (?:submitted |request )?(?:batch|request) is (\d+)/,
  /maximum request size (?:is |of )?(\d+)/,
  /too many tokens (?:in|overall|for).{0,40}(?:max|maximum|limit)(?: is|:| of)? (\d+)/,
];

/** OpenAI, vLLM, TEI, SiliconFlow, llama.cpp, Bedrock, Jina, and similar. */
const textPatterns = [
  /maximum context length (?:is |of )?(\d+)/,
  /(?:less|fewer|no more) than (\d+) tokens/,
  /at most (\d+) tokens/,
  /current batch size: (\d+)/,
  /context (?:length|size|window)[^\d.]{0,30}(\d+)/,
  /(?:maximum|max)[ _](?:input |sequence |number of )?(?:tokens|length|token length)[^\d.]{0,20}(\d+)/,
  /(?:limit|maximum|max)(?: is| of|:)? (\d+) tokens/,
  /token limit[^\d.]{0,20}(\d+)/,
  /limited to (\d+) tokens/,
];

/** Extracts the limits from the error message for a request that was too large; empty if it states none. */
export function statedLimits(message: string): StatedLimits {
  // Digits may be grouped: 8,192.
  const text = message.toLowerCase().replace(/(\d)[,_](?=\d{3}\b)/g, '$1');
  const texts = firstNumber(text, textsPatterns);
  const requestTokens = firstNumber(text, requestPatterns);
  const textTokens = requestTokens === undefined ? firstNumber(text, textPatterns) : undefined;
  return { texts, requestTokens, textTokens };
}

/** Returns whether the message states any limit. */
export function statesLimit(message: string): boolean {
  return Object.values(statedLimits(message)).some((limit) => limit !== undefined);
}

function firstNumber(text: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const number = Number(pattern.exec(text)?.[1]);
    if (Number.isSafeInteger(number) && number > 0) return number;
  }
  return undefined;
}

/** Estimates the tokens of a text: a quarter of a token per Latin letter, one per Chinese character. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    tokens += code < 0x80 ? 0.25 : code < 0x2e80 ? 0.5 : 1;
  }
  return tokens;
}
