/**
 * What stops an evaluation: CQL calls it a run-time error. Its text names the operator and never a value of the record. Thrown by compiled code and
 * turned into an error value where an evaluation begins.
 */
export class CqlFault extends Error {
  /** Place in the text of the library, e.g. `44:3-44:45`. */
  readonly locator: string | undefined;

  constructor(text: string, locator?: string) {
    super(text);
    this.name = 'CqlFault';
    this.locator = locator;
  }
}
