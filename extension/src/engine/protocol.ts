// The types of docs/protocol.md: what the editor and `mikura serve` say to each other. Nothing but types and
// constants, so that both the extension and its tests can use them anywhere. Names are those of the wire
// (snake_case); fields may be added on the wire and are ignored here.

export const PROTOCOL_VERSION = 1;
export const MAX_CONTENT_BYTES = 64 * 1024 * 1024;

export type EntryKind = 'file' | 'directory' | 'symlink';
export type ActionKind =
  | 'download_new'
  | 'download_changed'
  | 'delete_local'
  | 'metadata_local'
  | 'upload_new'
  | 'upload_changed'
  | 'delete_remote'
  | 'conflict';
export type ChangeKind = 'added' | 'removed' | 'modified' | 'mode_changed' | 'kind_changed';
export type Policy = 'keepBoth' | 'lastWriteWins' | 'merge';
export type Resolution = 'keep_local' | 'take_remote' | 'keep_both' | 'merge';
export type SyncMode = 'sync' | 'push' | 'pull';
export type Activity = 'idle' | 'waiting' | 'checking' | 'syncing' | 'restoring' | 'offline' | 'paused' | 'stopped';
export type Phase = 'connecting' | 'scanning' | 'downloading' | 'applying' | 'uploading' | 'publishing';
export type LogLevel = 'error' | 'warning' | 'info' | 'debug';

export interface Action {
  action: ActionKind;
  path: string;
  kind: EntryKind;
  size: number;
  renamed_from?: string;
  conflict_copy?: string;
}

export interface Conflict {
  path: string;
  copy: string;
  since_ms: number;
  remote_version: string | null;
  remote_kind: EntryKind | null;
  // The version in which both sides were last the same; null if there is none.
  base_version?: string | null;
  remote_device?: string | null;
  remote_created_ms?: number | null;
}

export interface Problem {
  problem: string;
  path: string;
  reason: string;
}
export interface Failure {
  code: string;
  message: string;
  hint: string;
  retryable: boolean;
  path?: string;
}

export interface Version {
  version: string;
  generation: number;
  parent: string | null;
  created_ms: number;
  author: string;
  device: string;
  message: string;
  files: number;
  total_bytes: number;
  added: number;
  modified: number;
  removed: number;
}

export interface Entry {
  path: string;
  kind: EntryKind;
  mode: number;
  size: number;
  mtime_ns: number;
  sha256?: string;
  target?: string;
}

export interface Change {
  change: ChangeKind;
  path: string;
  before: Entry | null;
  after: Entry | null;
  renamed_from?: string;
}
export type Side = { version: string } | { working_tree: true } | { empty: true };

export interface FolderInfo {
  linked: boolean;
  root?: string;
  store?: string;
  repository?: string;
  policy?: Policy;
  use_gitignore?: boolean;
  single_writer?: boolean;
}

export interface Status {
  folder: string;
  store: string;
  repository: string;
  base: string | null;
  base_generation: number | null;
  latest: string | null;
  latest_generation: number | null;
  remote_checked: boolean;
  remote_problem: Failure | string | null;
  local: Action[];
  incoming: Action[];
  conflicts: Conflict[];
  problems: Problem[];
}

export interface SyncResult {
  dry_run: boolean;
  // The version that this call published.
  published: string | null;
  version: string | null;
  generation: number | null;
  actions: Action[];
  conflicts: Conflict[];
  problems: Problem[];
  backup_folder: string | null;
  uploaded_bytes: number;
  downloaded_bytes: number;
  remote_has_more: boolean;
  held?: string[];
}

export interface RestoreResult {
  dry_run: boolean;
  version: string;
  actions: Action[];
  backup_folder: string | null;
}
export interface Resolved {
  path: string;
  resolution: Resolution;
  backup_folder: string | null;
  kept_as?: string;
}
export interface DoctorCheck {
  check: string;
  state: 'ok' | 'warning' | 'failed' | 'skipped';
  text: string;
  hint: string;
}
export interface WatchSettings {
  on_change: boolean;
  quiet_ms: number;
  max_wait_ms: number;
  poll_seconds: number;
  sync: boolean;
}

export interface StoreInfo {
  exists: boolean;
  repository?: string;
  accepts_key_file?: boolean;
  accepts_passphrase?: boolean;
  object_names?: string;
}

export interface FolderState {
  folder: string;
  revision: number;
  activity: Activity;
  next_ms: number | null;
  paused_until_ms: number | null;
  last_sync: {
    at_ms: number;
    published: string | null;
    generation: number;
    uploaded_bytes: number;
    downloaded_bytes: number;
  } | null;
  problem: Failure | null;
  watching: { on_change: boolean; degraded: string | null } | null;
}

export interface ProgressReport {
  kind: 'report';
  phase: Phase;
  done_items: number;
  total_items: number;
  done_bytes: number;
  total_bytes: number;
}

export interface SecretRequest {
  // None yet while one is being created.
  repository: string | null;
  store: string;
  creating: boolean;
  accepts_key_file: boolean;
  accepts_passphrase: boolean;
  retry: boolean;
}

export interface MfaRequest {
  // The AWS profile, the role that it assumes, and the device that must vouch for it.
  profile: string;
  role: string;
  serial: string;
  retry: boolean;
}

type InFolder = { folder: string };
export type ObjectNames = 'hmac-sha256' | 'sha256';

// Each method: what it takes and what it gives.
export interface Methods {
  initialize: [
    {
      protocol: { min: number; max: number };
      client: { name: string; version: string };
      author?: string;
      device?: string;
      state_folder?: string;
    },
    { protocol: number; engine: { version: string }; pid: number },
  ];
  'folder/open': [InFolder, FolderInfo];
  'folder/close': [InFolder, null];
  'folder/configure': [InFolder & { policy?: Policy; use_gitignore?: boolean }, FolderInfo];
  'store/inspect': [{ store: string }, StoreInfo];
  'store/profiles': [Record<string, never>, { profiles: string[] }];
  'repository/init': [
    InFolder & { store: string; object_names: ObjectNames; single_writer: boolean },
    { repository: string; store: string },
  ];
  'repository/link': [InFolder & { store: string }, { repository: string; store: string }];
  'key/generate': [Record<string, never>, { key: string }];
  'key/check': [{ folder: string } | { store: string }, { repository: string; slot: string }];
  'key/forget': [{ repository: string }, null];
  doctor: [InFolder, { healthy: boolean; checks: DoctorCheck[] }];
  status: [InFolder & { check_remote?: boolean }, Status];
  sync: [
    InFolder & { mode: SyncMode; message?: string; dry_run?: boolean; allow_mass_change?: boolean; policy?: Policy },
    SyncResult,
  ];
  restore: [
    InFolder & {
      version: string;
      paths?: string[];
      to_folder?: string;
      dry_run?: boolean;
      allow_mass_change?: boolean;
    },
    RestoreResult,
  ];
  discard: [InFolder & { paths: string[]; dry_run?: boolean }, { actions: Action[]; backup_folder: string | null }];
  conflicts: [InFolder, { conflicts: Conflict[] }];
  resolve: [InFolder & { path: string; resolution: Resolution }, Resolved & { conflicts: Conflict[] }];
  'history/list': [
    InFolder & { path?: string; limit?: number; before?: string },
    { versions: Version[]; has_more: boolean },
  ];
  'history/version': [InFolder & { version: string }, Version];
  diff: [InFolder & { before: Side; after: Side; paths?: string[] }, { changes: Change[] }];
  'version/entries': [InFolder & { version: string; paths?: string[] }, { entries: Entry[] }];
  'content/read': [
    InFolder & { path: string; version: string },
    { path: string; kind: EntryKind; size: number; mode: number; content_base64: string },
  ];
  'content/export': [InFolder & { path: string; version: string; to: string }, { size: number }];
  'watch/start': [InFolder & { settings: WatchSettings }, null];
  'watch/stop': [InFolder, null];
  'watch/pause': [InFolder & { seconds: number | null }, null];
  'watch/resume': [InFolder, null];
}

export interface Notifications {
  'log/level': { level: LogLevel };
  'unsaved/set': InFolder & { paths: string[] };
  'watch/hint': InFolder;
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M][0];
export type Result<M extends Method> = Methods[M][1];
