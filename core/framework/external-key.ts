/** Why a key that another server keeps cannot be had or used, in upstream's words. */
export class ExternalKeyProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExternalKeyProblem';
  }
}
