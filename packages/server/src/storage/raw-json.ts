/** A JSON text that JSON.stringify writes as it is: for numbers whose form says something, such as `1.0`. */
export function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text)
}
