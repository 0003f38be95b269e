import { useFamily, useWords } from '../family.ts';
import { NewWish } from './new-wish.tsx';
import { wishesIn } from './wish.ts';
import { WishCard } from './wish-card.tsx';

/** What was asked for and what came of it; a wish that was declined stays, with the reason. */
export function WishesPage() {
  const { words } = useWords();
  const { resources } = useFamily();
  const wishes = wishesIn(resources);
  return (
    <>
      <p>{words.wishes.intro}</p>
      <NewWish />
      {wishes.length === 0 && <p>{words.wishes.none}</p>}
      {wishes.map((wish) => (
        <WishCard key={wish.reference} wish={wish} />
      ))}
    </>
  );
}
