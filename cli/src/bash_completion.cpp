#include "bash_completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace labelbeam::cli {
namespace {

using Words = std::vector<std::string>;

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

Words option_names(const CLI::Option& option) {
  Words names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

/// The words in `TEXT:{a,b}`, as options with a fixed choice describe their type.
Words choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  std::string list = type.substr(open + 1, close - open - 1);
  std::replace(list.begin(), list.end(), ',', ' ');
  return {list};
}

/// The cases of one command and those below it. `path`: " import debtags".
struct Cases {
  std::string commands;  // that lengthen the path
  std::string values;    // words that an option takes
  std::string words;     // that may come next

  void add(const CLI::App& app, const std::string& path) {
    Words words_here;
    Words file_options;
    for (const CLI::App* command : commands_of(app)) words_here.push_back(command->get_name());
    for (const CLI::Option* option : app.get_options()) {
      const Words names = option_names(*option);
      words_here.insert(words_here.end(), names.begin(), names.end());
      if (option->get_items_expected_max() == 0) continue;
      const Words words_taken = choices(*option);
      for (const std::string& name : names) {
        if (words_taken.empty()) {
          file_options.push_back(fmt::format("\"{} {}\"", path, name));
        } else {
          values +=
              fmt::format("    \"{} {}\") words=\"{}\" ;;\n", path, name, words_taken.front());
        }
      }
    }
    if (!file_options.empty()) {
      values += fmt::format("    {}) return ;;\n", fmt::join(file_options, " | "));
    }
    words += fmt::format("      \"{}\") words=\"{}\" ;;\n", path, fmt::join(words_here, " "));
    for (const CLI::App* command : commands_of(app)) {
      const std::string below = path + ' ' + command->get_name();
      commands += fmt::format("      \"{0}\") path=\"{0}\" ;;\n", below);
      add(*command, below);
    }
  }
};

}  // namespace

std::string bash_completion(const CLI::App& program) {
  Cases cases;
  cases.add(program, "");
  return fmt::format(
      R"(# bash completion for {0}: source this file, or put it into bash-completion's folder.
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local path="" word words=""
  COMPREPLY=()
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$path $word" in
{1}    esac
  done
  case "$path $previous" in
{2}  esac
  if [ -z "$words" ]; then
    case "$path" in
{3}    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _{0} {0}
)",
      program.get_name(), cases.commands, cases.values, cases.words);
}

}  // namespace labelbeam::cli
