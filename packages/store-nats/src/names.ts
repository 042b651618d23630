/** A text as a token of subjects, stream names and keys: letters, digits and `-` stay, the rest is written as `_hex_`. */
export function token(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/gu, (char) => `_${char.codePointAt(0)!.toString(16)}_`);
}
