import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

/** Begins a page. One that the browser kept and brings back could show another child than this tab's session is for: it is loaded anew. */
export function mount(page: ReactNode): void {
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) window.location.reload();
  });
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<StrictMode>{page}</StrictMode>);
}
