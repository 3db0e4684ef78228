// What the setup has been told so far.

import type { App } from '../app';
import type { StoreInfo } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { BACK, askChoice, askText, type Choice, type InputOptions, type Step } from './steps';

export type Intent = 'create' | 'connect';
export type KeyKind = 'generate' | 'passphrase' | 'existing';
export const MIN_PASSPHRASE = 12;

export interface Answers {
  app: App;
  model: FolderModel;
  intent: Intent;
  place?: 's3' | 'folder';
  path: string;
  profile?: string;
  bucket: string;
  prefix?: string;
  region: string;
  endpoint: string;
  store: string;
  info?: StoreInfo;
  keyKind?: KeyKind;
  secret: string;
  keeping?: 'keychain' | 'session';
}

export type Outcome = typeof BACK | 'next' | undefined;

// Writes an answer down, unless the user went back or away.
export function take<T>(answer: T | typeof BACK | undefined, store: (value: T) => void): Outcome {
  if (answer === undefined || answer === BACK) return answer as typeof BACK | undefined;
  store(answer as T);
  return 'next';
}

type TextMember = 'path' | 'bucket' | 'prefix' | 'region' | 'endpoint' | 'secret';
type ChoiceMember = 'place' | 'profile' | 'keyKind' | 'keeping';
type When = (answers: Answers) => boolean;
export interface Choices<T> {
  placeholder: string;
  items: Choice<T>[];
}

// A question whose answer is one member of the answers; asked again, it shows what was answered.
export function textStep(member: TextMember, question: (answers: Answers) => InputOptions, when?: When): Step<Answers> {
  return {
    when,
    async ask(answers, info) {
      const options = question(answers);
      const value = options.password ? undefined : (options.value ?? answers[member]);
      return take(await askText(info, { ...options, value }), text => {
        answers[member] = text;
      });
    },
  };
}

export function choiceStep<M extends ChoiceMember>(
  member: M,
  question: (answers: Answers) => Choices<NonNullable<Answers[M]>> | Promise<Choices<NonNullable<Answers[M]>>>,
  when?: When,
): Step<Answers> {
  return {
    when,
    async ask(answers, info) {
      const { placeholder, items } = await question(answers);
      return take(await askChoice(info, placeholder, items, value => value === answers[member]), value => {
        answers[member] = value;
      });
    },
  };
}
