// What the setup has been told so far.

import type { App } from '../app';
import type { StoreInfo } from '../engine/protocol';
import type { FolderModel } from '../model/folder';
import { BACK } from './steps';

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
