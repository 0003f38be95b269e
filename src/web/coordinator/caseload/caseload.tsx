export function Caseload() {
  return null;
}
