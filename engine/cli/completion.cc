#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>

namespace mikura {
namespace {

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : separator) + word;
  return text;
}

std::vector<std::string> option_names(const VerbDescription& verb) {
  std::vector<std::string> names;
  for (const OptionDescription& option : verb.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// The options after which the next word is a value.
std::vector<std::string> names_with_value(const VerbDescription& verb) {
  std::vector<std::string> names;
  for (const OptionDescription& option : verb.options) {
    if (option.takes_value) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::string words_for(const VerbDescription& verb) {
  std::vector<std::string> words;
  for (const VerbDescription& nested : verb.verbs)
    words.push_back(nested.name);
  for (const std::string& name : option_names(verb))
    words.push_back(name);
  return joined(words, " ");
}

std::string bash_script(const VerbDescription& command) {
  const std::string global = joined(option_names(command), " ");
  std::string cases;
  for (const VerbDescription& verb : command.verbs) {
    cases += fmt::format("    {}) words='{} {}' ;;\n", verb.name, words_for(verb), global);
  }
  return fmt::format(
      R"(_mikura() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} verb= words= i name
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      {}) ((i++)) ;;
      -*) ;;
      *) verb=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  case $verb in
{}    *) words='{}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ ($verb || $COMP_CWORD -gt 1) && $word != -* ]]; then
    while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "$word")
  fi
}}
complete -o filenames -F _mikura mikura
)",
      joined(names_with_value(command), "|"), cases, words_for(command));
}

std::string zsh_script(const VerbDescription& command) {
  return "#compdef mikura\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(command);
}

// A text in single quotes of fish, on one line.
std::string fish_quoted(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string fish_options(const VerbDescription& verb, const std::string& condition) {
  std::string script;
  for (const OptionDescription& option : verb.options) {
    std::string line = "complete -c mikura" + condition;
    for (const std::string& name : option.names) {
      const bool is_long = name.starts_with("--");
      line += (is_long ? " -l " : " -s ") + name.substr(is_long ? 2 : 1);
    }
    script += line + (option.takes_value ? " -r" : "") + " -d " + fish_quoted(option.text) + "\n";
  }
  return script;
}

std::string fish_script(const VerbDescription& command) {
  std::string script = fish_options(command, "");
  for (const VerbDescription& verb : command.verbs) {
    script += fmt::format("complete -c mikura -n __fish_use_subcommand -f -a {} -d {}\n", verb.name,
                          fish_quoted(verb.text));
    const std::string condition = " -n '__fish_seen_subcommand_from " + verb.name + "'";
    script += fish_options(verb, condition);
    for (const VerbDescription& nested : verb.verbs) {
      script += fmt::format("complete -c mikura{} -f -a {} -d {}\n", condition, nested.name,
                            fish_quoted(nested.text));
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const VerbDescription& command, const std::string& shell) {
  if (shell == "zsh") return zsh_script(command);
  return shell == "fish" ? fish_script(command) : bash_script(command);
}

}  // namespace mikura
