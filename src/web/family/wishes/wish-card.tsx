import { useId, useState } from 'react';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { Saying, TroubleNote, useWriting, WordsField } from '../writing.tsx';
import { isOpenWish, type Note, type Wish } from './wish.ts';

/** One wish: who asked for what and why, how it was answered, what people say; and the reader's own word. */
export function WishCard({ wish }: { wish: Wish }) {
  const { words, day } = useWords();
  const { me, session } = useFamily();
  const isMine = wish.requester !== undefined && wish.requester === me;
  const asker = isMine ? words.wishes.you : (wish.requesterName ?? words.wishes.someone);
  const tone = wish.status === 'completed' ? 'badge yes' : wish.status === 'rejected' ? 'badge no' : 'badge';
  const action = wish.action && words.wishes.actions[wish.action];
  return (
    <article className={isMine ? 'card family' : 'card'}>
      <h2 className="own-words">
        <q>{wish.wanted ?? wish.text}</q>
      </h2>
      {wish.wanted && <p>“{wish.text}”</p>}
      <p className="soft">{words.wishes.by([asker, action].filter(Boolean).join(', '), day(wish.at))}</p>
      <p>
        <span className={tone}>{words.wishes.status[wish.status] ?? wish.status}</span>{' '}
        {isOpenWish(wish) && wish.owner && <span className="soft">{words.wishes.sentTo(wish.owner)}</span>}{' '}
        {isOpenWish(wish) && wish.answerBy && <span className="soft">{words.wishes.answerBy(day(wish.answerBy))}</span>}
      </p>
      {wish.because && <p className="because">{words.wishes.reason(wish.because)}</p>}
      {wish.notes.length > 0 && <Notes notes={wish.notes} />}
      {isOpenWish(wish) && me !== undefined && may(session, 'Task', 'u') && (
        <>
          <SayWhatYouThink wish={wish} />
          {isMine && <TakeBack wish={wish} />}
        </>
      )}
    </article>
  );
}

function Notes({ notes }: { notes: readonly Note[] }) {
  const { words, day } = useWords();
  const { me } = useFamily();
  return (
    <>
      <h3>{words.wishes.opinions}</h3>
      <ul className="lines">
        {notes.map((note) => (
          <li key={`${note.who} ${note.at} ${note.text}`}>
            {note.text}
            <p className="soft">
              {[
                note.who !== undefined && note.who === me ? words.wishes.you : note.name,
                words.wishes.opinion[note.opinion],
                day(note.at),
              ]
                .filter(Boolean)
                .join(', ')}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** An opinion (`$answer-proposal`): it is kept beside the wish with name and time. */
function SayWhatYouThink({ wish }: { wish: Wish }) {
  const { words } = useWords();
  const { tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [opinion, setOpinion] = useState<'agree' | 'disagree'>();
  const [text, setText] = useState('');
  const writing = useWriting();
  const group = useId();
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" onClick={() => setOpen(true)}>
          {words.wishes.sayTitle}
        </button>
      </p>
    );
  }
  const send = async () => {
    const resource = parameters(
      ...parameter('valueCode', 'answer', 'opinion'),
      ...parameter('valueCode', 'opinion', opinion),
      ...parameter('valueString', 'reason', text.trim()),
    );
    const request = { method: 'POST' as const, url: `${wish.reference}/$answer-proposal`, resource };
    if (!(await writing.send(request, () => tell(words.wishes.said)))) return;
    setOpen(false);
    setText('');
  };
  return (
    <Saying writing={writing} send={words.wishes.saySend} onSend={send} cancel={() => setOpen(false)}>
      <fieldset className="choices">
        <legend>{words.wishes.sayTitle}</legend>
        {(['agree', 'disagree'] as const).map((one) => (
          <label key={one} className="choice">
            <input type="radio" name={group} checked={opinion === one} onChange={() => setOpinion(one)} />{' '}
            <span>{one === 'agree' ? words.wishes.sayAgree : words.wishes.sayDisagree}</span>
          </label>
        ))}
      </fieldset>
      <WordsField label={words.wishes.sayWords} value={text} onChange={setText} />
    </Saying>
  );
}

function TakeBack({ wish }: { wish: Wish }) {
  const { words } = useWords();
  const { tell } = useFamily();
  const writing = useWriting();
  const resource = parameters(...parameter('valueCode', 'answer', 'withdraw'));
  const send = () =>
    writing.send({ method: 'POST', url: `${wish.reference}/$answer-proposal`, resource }, () =>
      tell(words.wishes.takenBack),
    );
  return (
    <>
      <p className="actions">
        <button type="button" className="plain" onClick={send} disabled={writing.isSending}>
          {writing.isSending ? words.sending : words.wishes.takeBack}
        </button>
      </p>
      {writing.trouble && <TroubleNote trouble={writing.trouble} />}
    </>
  );
}
