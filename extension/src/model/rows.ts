// The rows of the Source Control view and the marks in the Explorer, made from a folder's model. Pure.

import type { Action, ActionKind, Conflict } from '../engine/protocol';
import type { FolderModel } from './folder';

export type Group = 'conflicts' | 'changes' | 'incoming';
export type Mark =
  | 'conflict'
  | 'conflictCopy'
  | 'added'
  | 'modified'
  | 'deleted'
  | 'renamed'
  | 'incomingAdded'
  | 'incomingModified'
  | 'incomingDeleted'
  | 'incomingConflict';

export interface Row {
  group: Group;
  path: string;
  mark: Mark;
  kind: 'file' | 'directory' | 'symlink';
  renamedFrom?: string;
  conflict?: Conflict;
}

const LOCAL: Partial<Record<ActionKind, Mark>> = {
  upload_new: 'added',
  upload_changed: 'modified',
  delete_remote: 'deleted',
};
const INCOMING: Partial<Record<ActionKind, Mark>> = {
  download_new: 'incomingAdded',
  download_changed: 'incomingModified',
  delete_local: 'incomingDeleted',
  conflict: 'incomingConflict',
};

// Letters as in the output of the command; people know them from git.
export const LETTERS: Record<Mark, string> = {
  conflict: 'C',
  conflictCopy: 'C',
  added: 'A',
  modified: 'M',
  deleted: 'D',
  renamed: 'R',
  incomingAdded: '↓A',
  incomingModified: '↓M',
  incomingDeleted: '↓D',
  incomingConflict: '↓C',
};

export type Rows = Record<Group, Row[]>;

const cache = new WeakMap<FolderModel, { status: unknown; incoming: unknown; rows: Rows }>();

// The same object as before as long as nothing was asked anew: progress changes the model five times a second, and
// there may be 100,000 rows.
export function rowsOf(model: FolderModel): Rows {
  const known = cache.get(model);
  if (known && known.status === model.status && known.incoming === model.incoming) return known.rows;
  const rows = makeRows(model);
  cache.set(model, { status: model.status, incoming: model.incoming, rows });
  return rows;
}

function makeRows(model: FolderModel): Rows {
  const conflicts = model.conflicts.map((conflict): Row => ({
    group: 'conflicts',
    path: conflict.path,
    mark: 'conflict',
    kind: conflict.remote_kind ?? 'file',
    conflict,
  }));
  const inConflict = new Set(conflicts.map(row => row.path));
  const changes = toRows(
    model.changes.filter(action => !inConflict.has(action.path)),
    'changes',
    LOCAL,
  );
  const incoming = toRows(
    model.incoming.filter(action => !inConflict.has(action.path)),
    'incoming',
    INCOMING,
  );
  return { conflicts: conflicts.sort(byPath), changes: changes.sort(byPath), incoming: incoming.sort(byPath) };
}

const marksCache = new WeakMap<Rows, ReadonlyMap<string, Row>>();

// The most urgent mark of each path: a conflict before a change before what is to come. Made once for the same rows: the
// gutter of every editor asks.
export function marksOf(rows: Rows): ReadonlyMap<string, Row> {
  const known = marksCache.get(rows);
  if (known) return known;
  const marks = new Map<string, Row>();
  for (const group of ['incoming', 'changes', 'conflicts'] as const) {
    for (const row of rows[group]) {
      marks.set(row.path, row);
      if (row.conflict?.copy) marks.set(row.conflict.copy, { ...row, path: row.conflict.copy, mark: 'conflictCopy' });
    }
  }
  marksCache.set(rows, marks);
  return marks;
}

// The path whose last synced text a file is compared with; undefined if there is none.
export function originalOf(model: FolderModel, path: string): string | undefined {
  const row = marksOf(rowsOf(model)).get(path);
  if (row?.mark === 'added' || row?.mark === 'conflictCopy') return undefined;
  return row?.mark === 'renamed' ? row.renamedFrom : path;
}

export function badgeCount(rows: Rows, mode: string): number {
  if (mode === 'off') return 0;
  return rows.conflicts.length + (mode === 'conflicts' ? 0 : rows.changes.length);
}

function toRows(actions: readonly Action[], group: Group, marks: Partial<Record<ActionKind, Mark>>): Row[] {
  // The old name of a rename is told by the new one.
  const renamed = new Set(actions.flatMap(action => action.renamed_from ?? []));
  return actions.flatMap(action => {
    const mark = marks[action.action];
    const isOldName =
      renamed.has(action.path) && (action.action === 'delete_remote' || action.action === 'delete_local');
    if (!mark || isOldName) return [];
    return [
      {
        group,
        path: action.path,
        kind: action.kind,
        mark: mark === 'added' && action.renamed_from ? 'renamed' : mark,
        ...(action.renamed_from ? { renamedFrom: action.renamed_from } : {}),
      } satisfies Row,
    ];
  });
}

function byPath(a: Row, b: Row): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
