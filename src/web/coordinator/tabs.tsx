interface TabsProps<T extends string> {
  label: string;
  names: readonly T[];
  words: Readonly<Record<T, string>>;
  current: T;
  choose: (name: T) => void;
}

/** A row of places to go to; buttons, because no address names a place. */
export function Tabs<T extends string>({ label, names, words, current, choose }: TabsProps<T>) {
  return (
    <nav className="tabs" aria-label={label}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={name === current ? 'page' : undefined}
          onClick={() => choose(name)}
        >
          {words[name]}
        </button>
      ))}
    </nav>
  );
}
