/** How far a long command is: a line on standard error, rewritten on a terminal, repeated elsewhere. */

/** How often, in ms. */
const ON_A_TERMINAL = 500;
const ELSEWHERE = 10_000;

export function startProgress(line: () => string): { clear(): void; stop(): void } {
  const terminal = process.stderr.isTTY;
  const tell = (): void => void process.stderr.write(terminal ? `\r${line()}` : `${line()}\n`);
  const timer = setInterval(tell, terminal ? ON_A_TERMINAL : ELSEWHERE);
  const clear = (): void => {
    if (terminal) process.stderr.write('\r\x1b[K');
  };
  return {
    clear,
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
}
