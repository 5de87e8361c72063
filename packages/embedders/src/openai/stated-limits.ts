/** The limits that the message of a refusal states. */
export interface StatedLimits {
  /** Texts in one request. */
  readonly texts?: number | undefined;
  /** Tokens of one text. */
  readonly textTokens?: number | undefined;
  /** Tokens of all texts of a request. */
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

/** OpenAI and vLLM, TEI and SiliconFlow, llama.cpp, Bedrock, Jina, and what resembles them. */
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

/** Reads the limits out of what a server says of a request that it found too large. Empty when it states none. */
export function statedLimits(message: string): StatedLimits {
  // Digits may be grouped: 8,192.
  const text = message.toLowerCase().replace(/(\d)[,_](?=\d{3}\b)/g, '$1');
  const texts = firstNumber(text, textsPatterns);
  const requestTokens = firstNumber(text, requestPatterns);
  const textTokens = requestTokens === undefined ? firstNumber(text, textPatterns) : undefined;
  return { texts, requestTokens, textTokens };
}

/** Whether the message states any limit. */
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

/** About how many tokens a text has: a quarter of one for a Latin letter, one for a Chinese character. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    tokens += code < 0x80 ? 0.25 : code < 0x2e80 ? 0.5 : 1;
  }
  return tokens;
}
