// Which key opens the repository, and where it is kept: the questions of the setup and of "Enter Key".

import { l10n } from 'vscode';
import { toEngineError, type EngineError } from '../engine/errors';
import type { StoreInfo } from '../engine/protocol';
import { explain } from '../util/messages';
import { MIN_PASSPHRASE, take, textStep, type Answers, type KeyKind, type Outcome } from './answers';
import { askChoice, askText, type Step } from './steps';

const creatingWith = (kind: KeyKind) => (answers: Answers) => answers.intent === 'create' && answers.keyKind === kind;

export const keySteps: Step<Answers>[] = [
  {
    when: answers => answers.intent === 'create',
    async ask(answers, info) {
      const answer = await askChoice<KeyKind>(
        info,
        l10n.t('What unlocks the repository?'),
        [
          {
            label: `$(key) ${l10n.t('Generate a key')}`,
            description: l10n.t('recommended'),
            detail: l10n.t('Random and strong; you keep it in a recovery kit'),
            value: 'generate',
          },
          {
            label: `$(comment) ${l10n.t('Passphrase')}`,
            detail: l10n.t(
              'At least {0} characters that you can remember; only as strong as you choose it',
              MIN_PASSPHRASE,
            ),
            value: 'passphrase',
          },
          {
            label: `$(file) ${l10n.t('A key that you have')}`,
            detail: l10n.t('Paste the line that begins with MIKURA-KEY-1'),
            value: 'existing',
          },
        ],
        value => value === answers.keyKind,
      );
      return take(answer, value => {
        if (value !== answers.keyKind) answers.secret = '';
        answers.keyKind = value;
      });
    },
  },
  textStep(
    'secret',
    () => ({
      password: true,
      prompt: l10n.t('Passphrase'),
      check: text =>
        [...text].length < MIN_PASSPHRASE
          ? l10n.t('A passphrase needs at least {0} characters.', MIN_PASSPHRASE)
          : undefined,
    }),
    creatingWith('passphrase'),
  ),
  {
    when: creatingWith('passphrase'),
    async ask(answers, info) {
      const answer = await askText(info, {
        password: true,
        prompt: l10n.t('The passphrase again'),
        check: text => (text === answers.secret ? undefined : l10n.t('The two passphrases differ.')),
      });
      return take(answer, () => {});
    },
  },
  textStep(
    'secret',
    () => ({
      password: true,
      prompt: l10n.t('Key'),
      placeholder: 'MIKURA-KEY-1…',
      trim: true,
      check: text => (looksLikeKey(text) ? undefined : l10n.t('A key begins with MIKURA-KEY-1.')),
    }),
    creatingWith('existing'),
  ),
  textStep(
    'secret',
    answers => ({
      password: true,
      prompt: secretPrompt(answers.info),
      check: async text => (text.trim() === '' ? secretPrompt(answers.info) : tryStoreKey(answers, text)),
    }),
    answers => answers.intent === 'connect',
  ),
  { ask: askKeeping },
];

export async function askKeeping(
  answers: { keeping?: 'keychain' | 'session' },
  info: Parameters<Step<Answers>['ask']>[1],
): Promise<Outcome> {
  const answer = await askChoice(
    info,
    l10n.t('Where should the key be kept on this computer?'),
    [
      {
        label: `$(lock) ${l10n.t('In the keychain')}`,
        description: l10n.t('recommended'),
        detail: l10n.t("VS Code's secret storage; encrypted by the operating system"),
        value: 'keychain' as const,
      },
      {
        label: `$(clock) ${l10n.t('Only until this window closes')}`,
        detail: l10n.t('You are asked again the next time'),
        value: 'session' as const,
      },
    ],
    value => value === answers.keeping,
  );
  return take(answer, value => {
    answers.keeping = value;
  });
}

export function secretPrompt(info: Pick<StoreInfo, 'accepts_key_file' | 'accepts_passphrase'> | undefined): string {
  if (info?.accepts_passphrase && !info.accepts_key_file) return l10n.t('Passphrase of the repository');
  if (info?.accepts_key_file && !info.accepts_passphrase)
    return l10n.t('Key of the repository: the line that begins with MIKURA-KEY-1');
  return l10n.t('Key or passphrase of the repository');
}

export function looksLikeKey(text: string): boolean {
  return /^MIKURA-KEY-1[0-9A-Z-]+$/im.test(text.trim());
}

async function tryStoreKey(answers: Answers, secret: string): Promise<string | undefined> {
  const { app, store } = answers;
  try {
    await app.keys.trying(answers.info?.repository ?? '', secret, () => app.engine.request('key/check', { store }));
    return undefined;
  } catch (caught) {
    const error = toEngineError(caught);
    app.notify.record(`trying a key for ${store}`, error);
    return keyProblem(error);
  }
}

// Why a key that was tried did not do.
export function keyProblem(error: EngineError): string {
  if (error.code === 'invalid') return l10n.t('This is not a key of Mikura. Check that it was copied whole.');
  if (error.code === 'wrong_key' || error.code === 'key_missing')
    return l10n.t('This key does not open the repository.');
  return explain(error).text;
}
