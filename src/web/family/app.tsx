/** The family's page. */
export function App() {
  return <main />;
}
