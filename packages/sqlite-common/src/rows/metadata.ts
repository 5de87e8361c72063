import type { ChunkMetadata, JsonObject, JsonValue } from '@switchyard/storage-core';
import { wellFormed } from '@switchyard/storage-core/backend';

/** Parses stored chunk metadata. Missing or invalid parts become no types, level 0, no path; other keys are kept. */
export function parseMetadata(text: string | null): ChunkMetadata {
  const { types, level, path, ...extra } = parseJsonObject(text) ?? {};
  return {
    ...extra,
    types: isTexts(types) ? types : [],
    level: typeof level === 'number' ? level : 0,
    path: isTexts(path) ? path : [],
  };
}

/** Parses a stored JSON object; null for anything else. */
export function parseJsonObject(text: string | null): JsonObject | null {
  if (text === null) return null;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return null; // old stores contain what older software wrote
  }
  if (!isObject(value)) return null;
  // JSON can contain a lone surrogate as an escape.
  return text.includes('\\u') ? wellFormed(value) : value;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}
