import { page } from './page-words.ts';

/** The way to every section; a folded one is opened. */
export function JumpLinks({ links }: { links: readonly { to: string; label: string }[] }) {
  const open = (id: string) => {
    const target = document.getElementById(id);
    const folded = target instanceof HTMLDetailsElement ? target : target?.querySelector('details');
    if (folded && id !== 'problems') folded.open = true;
  };
  return (
    <nav aria-label={page.onThisPage}>
      <ul className="jump">
        {links.map(({ to, label }) => (
          <li key={to}>
            <a href={`#${to}`} onClick={() => open(to)}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
