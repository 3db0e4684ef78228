// What people are told when something went wrong: a sentence in their language for each code of the engine, with what
// to do next. The engine's English details go to the log.

import { l10n } from 'vscode';
import type { EngineError } from '../engine/errors';

export type Remedy = 'enterKey' | 'enterMfaCode' | 'showLog' | 'restartEngine' | 'doctor' | 'openSettings' | 'none';
export interface Explanation {
  text: string;
  remedy: Remedy;
}

// A new code does not compile until it is explained here.
const TEXTS: Record<EngineError['code'], () => Explanation> = {
  not_found: () => ({ text: l10n.t('It was not found in the repository.'), remedy: 'showLog' }),
  already_exists: () => ({ text: l10n.t('It exists already.'), remedy: 'showLog' }),
  conflict: () => ({
    text: l10n.t('Both sides changed the same lines, so it cannot be merged automatically.'),
    remedy: 'none',
  }),
  transient: () => ({ text: l10n.t('The store cannot be reached now. Mikura goes on trying.'), remedy: 'showLog' }),
  denied: () => ({ text: l10n.t('The store denied access. Check the permissions of your account.'), remedy: 'doctor' }),
  no_credentials: () => ({
    text: l10n.t('There are no credentials for the store. Sign in with the AWS tools, or choose another profile.'),
    remedy: 'doctor',
  }),
  wrong_key: () => ({ text: l10n.t('This key does not open the repository.'), remedy: 'enterKey' }),
  corrupt: () => ({
    text: l10n.t('Something in the repository is damaged or was tampered with. Nothing of it was used.'),
    remedy: 'showLog',
  }),
  rollback: () => ({
    text: l10n.t(
      'The store showed an older state than this computer has already seen. It may have been turned back. Nothing was changed here.',
    ),
    remedy: 'showLog',
  }),
  cancelled: () => ({ text: l10n.t('Cancelled.'), remedy: 'none' }),
  invalid: () => ({ text: l10n.t('That is not possible.'), remedy: 'showLog' }),
  refused: () => ({ text: l10n.t('Stopped to protect your files.'), remedy: 'showLog' }),
  unsupported: () => ({ text: l10n.t('The store or the engine cannot do that.'), remedy: 'showLog' }),
  busy: () => ({
    text: l10n.t('Another window or program is working on this folder. Try again when it is done.'),
    remedy: 'showLog',
  }),
  full: () => ({ text: l10n.t('There is not enough space.'), remedy: 'showLog' }),
  io: () => ({ text: l10n.t('A file could not be read or written.'), remedy: 'showLog' }),
  internal: () => ({ text: l10n.t('Something unexpected went wrong.'), remedy: 'showLog' }),
  key_missing: () => ({ text: l10n.t('The key of this repository is needed.'), remedy: 'enterKey' }),
  mfa_missing: () => ({
    text: l10n.t('The store wants the code of your MFA device. Until then nothing is synced.'),
    remedy: 'enterMfaCode',
  }),
  not_linked: () => ({ text: l10n.t('This folder has no repository.'), remedy: 'none' }),
  not_open: () => ({ text: l10n.t('This folder is not open in the engine.'), remedy: 'restartEngine' }),
  engine_gone: () => ({ text: l10n.t('The engine ended. It is started again.'), remedy: 'showLog' }),
  engine_failed: () => ({
    text: l10n.t('The engine ended several times and was not started again.'),
    remedy: 'restartEngine',
  }),
  engine_missing: () => ({
    text: l10n.t('The engine was not found, or there is none for this computer.'),
    remedy: 'openSettings',
  }),
  engine_mismatch: () => ({
    text: l10n.t('The engine and the extension are of different versions.'),
    remedy: 'openSettings',
  }),
};

// Why there is no engine, once it was given up.
export function explainEngineFailure(failure: EngineError | undefined): Explanation {
  if (failure?.code === 'engine_missing' || failure?.code === 'engine_mismatch') return explain(failure);
  return {
    text: l10n.t('The engine of Mikura ended several times and was not started again. Your files are safe.'),
    remedy: 'restartEngine',
  };
}

export function explain(error: EngineError): Explanation {
  return TEXTS[error.code]();
}

// For one line: the sentence, and what it is about if that is a file.
export function explainInLine(error: EngineError): string {
  const { text } = explain(error);
  return error.path ? l10n.t('{0}: {1}', error.path, text) : text;
}
