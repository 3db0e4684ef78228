// What can go wrong with the engine, as one class with a stable code. Texts for people are made from the code
// elsewhere (util/messages.ts); `message` and `hint` are the engine's English details.

import { ConnectionError, ResponseError } from 'vscode-jsonrpc/node';
import type { Action } from './protocol';

// The codes of docs/protocol.md, and those of this side.
export type ErrorCode =
  | 'not_found'
  | 'already_exists'
  | 'conflict'
  | 'transient'
  | 'denied'
  | 'no_credentials'
  | 'wrong_key'
  | 'corrupt'
  | 'rollback'
  | 'cancelled'
  | 'invalid'
  | 'refused'
  | 'unsupported'
  | 'busy'
  | 'full'
  | 'io'
  | 'internal'
  | 'key_missing'
  | 'mfa_missing'
  | 'not_linked'
  | 'not_open'
  | 'engine_gone'
  | 'engine_failed'
  | 'engine_missing'
  | 'engine_mismatch';

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'not_found',
  'already_exists',
  'conflict',
  'transient',
  'denied',
  'no_credentials',
  'wrong_key',
  'corrupt',
  'rollback',
  'cancelled',
  'invalid',
  'refused',
  'unsupported',
  'busy',
  'full',
  'io',
  'internal',
  'key_missing',
  'mfa_missing',
  'not_linked',
  'not_open',
  'engine_gone',
  'engine_failed',
  'engine_missing',
  'engine_mismatch',
]);

export function asErrorCode(code: string): ErrorCode {
  return CODES.has(code) ? (code as ErrorCode) : 'internal';
}

export interface ErrorDetails {
  hint?: string;
  retryable?: boolean;
  path?: string;
  actions?: Action[];
}

export class EngineError extends Error {
  readonly hint: string;
  readonly retryable: boolean;
  readonly path: string | undefined;
  readonly actions: Action[];

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message);
    this.name = 'EngineError';
    this.hint = details.hint ?? '';
    this.retryable = details.retryable ?? false;
    this.path = details.path;
    this.actions = details.actions ?? [];
  }
}

const JSON_RPC_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [-32700, 'internal'],
  [-32600, 'internal'],
  [-32601, 'unsupported'],
  [-32602, 'invalid'],
  [-32603, 'internal'],
  [-32002, 'internal'],
  [-32800, 'cancelled'],
]);

// Turns whatever a request was rejected with into an EngineError.
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof ResponseError) {
    const data = error.data as { [name: string]: unknown } | undefined;
    if (error.code === -32001 && data && typeof data.code === 'string') {
      return new EngineError(asErrorCode(data.code), typeof data.message === 'string' ? data.message : error.message, {
        hint: typeof data.hint === 'string' ? data.hint : '',
        retryable: data.retryable === true,
        path: typeof data.path === 'string' && data.path !== '' ? data.path : undefined,
        actions: Array.isArray(data.actions) ? (data.actions as Action[]) : [],
      });
    }
    const code = JSON_RPC_CODES.get(error.code);
    if (code) return new EngineError(code, error.message);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ConnectionError) return new EngineError('engine_gone', message, { retryable: true });
  // A mistake of our own.
  return new EngineError('internal', message);
}

export function isCancelled(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'cancelled';
}
