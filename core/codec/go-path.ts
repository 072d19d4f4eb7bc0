/** As Go's path.Clean: without empty and relative segments, as far as there is something to go up from; '' is '.'. */
export function cleanGoPath(path: string): string {
  const rooted = path.startsWith('/');
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push(segment);
  }
  return (rooted ? '/' : '') + kept.join('/') || '.';
}
