/** What a story expected did not come true. */
export class StoryFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoryFailure';
  }
}
