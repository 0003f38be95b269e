/** Whether the scopes of a launch let the page do this with resources of the type (SMART App Launch 2.2, scopes v2). `letters`: of `cruds`, all of them. */
export function isGranted(scopes: readonly string[], type: string, letters: string): boolean {
  return [...letters].every((letter) =>
    scopes.some((scope) => {
      const [, of, allowed] = /^(?:patient|user)\/(\*|[A-Za-z]+)\.([cruds]+)$/.exec(scope) ?? [];
      return (of === '*' || of === type) && allowed?.includes(letter) === true;
    }),
  );
}
