// Which of the welcome texts is shown, if any. Pure.

import type { EngineState } from '../engine/supervisor';
import type { FolderModel } from './folder';

export type SetupState =
  'loading' | 'noFolder' | 'untrusted' | 'virtual' | 'notLinked' | 'keyMissing' | 'engineFailed' | 'ready';

export interface Situation {
  trusted: boolean;
  folders: number;
  fileFolders: number;
  engine: EngineState;
  models: readonly Pick<FolderModel, 'linked' | 'info' | 'key' | 'failure'>[];
}

export function setupState(situation: Situation): SetupState {
  if (situation.folders === 0) return 'noFolder';
  if (situation.fileFolders === 0) return 'virtual';
  if (!situation.trusted) return 'untrusted';
  if (situation.engine === 'failed') return 'engineFailed';
  // Before the folders of the window have been taken, nothing is known of them.
  if (situation.models.length === 0 || situation.models.some(model => !model.info && !model.failure)) return 'loading';
  const linked = situation.models.filter(model => model.linked);
  if (linked.length === 0) return 'notLinked';
  return linked.some(model => model.key === 'missing' || model.key === 'wrong') ? 'keyMissing' : 'ready';
}
