export function WaitingProposals() {
  return null;
}
