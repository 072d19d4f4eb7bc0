/** What a module says of its neighbours, said of their JavaScript: './a.ts' in imports and in `new URL` is './a.js'. */
export const namesJavaScript = (code: string): string =>
  code.replace(/((?:from|import|import\(|new URL\()\s*)(["'`])(\.[^"'`\n]*)\.ts\2/g, '$1$2$3.js$2');
