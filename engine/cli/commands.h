// The verbs: each adds itself to the parser. One file each (cmd_*.cc), but for sync, push and pull,
// which are one verb in three modes.
#pragma once

#include "cli/invocation.h"
#include "cli/parser.h"

namespace mikura {

// What is passed by reference must outlive the parser.
void add_init_verb(Parser& parser, Invocation& invocation);
void add_link_verb(Parser& parser, Invocation& invocation);
void add_clone_verb(Parser& parser, Invocation& invocation);
void add_sync_verbs(Parser& parser, Invocation& invocation);
void add_status_verb(Parser& parser, Invocation& invocation);
void add_log_verb(Parser& parser, Invocation& invocation);
void add_diff_verb(Parser& parser, Invocation& invocation);
void add_show_verb(Parser& parser, Invocation& invocation);
void add_cat_verb(Parser& parser, Invocation& invocation);
void add_restore_verb(Parser& parser, Invocation& invocation);
void add_conflicts_verb(Parser& parser, Invocation& invocation);
void add_resolve_verb(Parser& parser, Invocation& invocation);
void add_key_verb(Parser& parser, Invocation& invocation);
void add_policy_verb(Parser& parser, Invocation& invocation);
void add_doctor_verb(Parser& parser, Invocation& invocation);
void add_serve_verb(Parser& parser, Invocation& invocation);
void add_configure_verb(Parser& parser, Invocation& invocation);
void add_watch_verb(Parser& parser, Invocation& invocation);
void add_completion_verb(Parser& parser, Invocation& invocation);
void add_version_verb(Parser& parser, Invocation& invocation);

}  // namespace mikura
