// The notes, in memory. There is no database here on purpose: see `index.ts`.

export interface NewNote {
  title: string;
  text: string;
  tags: string[];
}

export interface Note extends NewNote {
  id: number;
}

const notes = new Map<number, Note>();

addNote({ title: 'Fork', text: 'A tine is one prong of a fork', tags: ['words'] });
addNote({ title: 'Template', text: 'The top level ran once, long before this request', tags: ['words', 'speed'] });
addNote({ title: 'Context', text: 'This copy is yours alone and gone in a moment', tags: ['speed'] });

export function allNotes(tag?: string): Note[] {
  return [...notes.values()].filter((note) => tag === undefined || note.tags.includes(tag));
}

export function findNote(id: number): Note | undefined {
  return notes.get(id);
}

export function addNote(note: NewNote): Note {
  const added = { id: notes.size + 1, ...note };
  notes.set(added.id, added);
  return added;
}

export function removeNote(id: number): boolean {
  return notes.delete(id);
}
