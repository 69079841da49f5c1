package io.entrepot.cli.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** A shell that can complete commands, options, their values and files. */
public enum Completion {
  BASH {
    @Override
    public String script(CommandSpec root) {
      String commands =
          Word.commands(root).stream().map(CommandSpec::name).collect(Collectors.joining(" "));
      StringBuilder cases = new StringBuilder();
      for (CommandSpec command : Word.commands(root)) {
        cases.append(inBash(command));
      }
      return """
      # Completion of entrepot in bash; `entrepot completion bash` prints it.
      _entrepot() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
        local command= options= values= file= at
        # Bash takes --name=value for three words.
        if [[ $current == = ]]; then
          current=
        elif [[ $previous == = ]]; then
          previous=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        for ((at = 1; at < COMP_CWORD; at++)); do
          if [[ ${COMP_WORDS[at]} != -* ]]; then
            command=${COMP_WORDS[at]}
            break
          fi
        done
        COMPREPLY=()
        case $command in
          '')
            options='%s'
            values='%s'
            ;;
      %s    *) return ;;
        esac
        if [[ $current == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$current"))
        elif [[ -n $values ]]; then
          COMPREPLY=($(compgen -W "$values" -- "$current"))
        elif [[ -n $file ]]; then
          local IFS=$'\\n'
          COMPREPLY=($(compgen -f -- "$current"))
          compopt -o filenames 2>/dev/null
        fi
      }
      complete -F _entrepot entrepot
      """
          .formatted(names(root), commands, cases);
    }
  },

  ZSH {
    @Override
    public String script(CommandSpec root) {
      StringBuilder commands = new StringBuilder();
      StringBuilder cases = new StringBuilder();
      for (CommandSpec command : Word.commands(root)) {
        commands.append(
            "        %s\n".formatted(quoted(command.name() + ":" + Word.description(command))));
        List<String> lines = new ArrayList<>();
        Word.options(command).forEach(word -> lines.add(inZsh(word)));
        Word.arguments(command)
            .forEach(
                word -> lines.add(quoted("*:%s:%s".formatted(plain(word.label()), action(word)))));
        // Only the last place may take any number; those before it take one.
        for (int at = 0; at < lines.size() - 1; at++) {
          if (lines.get(at).startsWith("'*:")) {
            lines.set(at, "'" + lines.get(at).substring(2));
          }
        }
        cases.append(
            "        %s)\n          _arguments -s \\\n            %s\n          ;;\n"
                .formatted(command.name(), String.join(" \\\n            ", lines)));
      }
      return """
      #compdef entrepot
      # Completion of entrepot in zsh; `entrepot completion zsh` prints it.
      _entrepot() {
        local context state state_descr line
        typeset -A opt_args
        _arguments -C \\
          %s \\
          '1: :->command' \\
          '*:: :->rest'
        case $state in
          command)
            local -a commands=(
      %s      )
            _describe command commands
            ;;
          rest)
            case $line[1] in
      %s      esac
            ;;
        esac
      }
      if [ "$funcstack[1]" = _entrepot ]; then
        _entrepot "$@"
      else
        compdef _entrepot entrepot
      fi
      """
          .formatted(
              Word.options(root).stream()
                  .map(Completion::inZsh)
                  .collect(Collectors.joining(" \\\n    ")),
              commands,
              cases);
    }
  },

  FISH {
    @Override
    public String script(CommandSpec root) {
      StringBuilder script =
          new StringBuilder(
              """
              # Completion of entrepot in fish; `entrepot completion fish` prints it.
              complete -c entrepot -f
              """);
      Word.options(root)
          .forEach(word -> script.append(inFish("__fish_use_subcommand", word)).append('\n'));
      for (CommandSpec command : Word.commands(root)) {
        script.append(
            "complete -c entrepot -n __fish_use_subcommand -a %s -d %s\n"
                .formatted(command.name(), forFish(Word.description(command))));
      }
      for (CommandSpec command : Word.commands(root)) {
        String seen = "'__fish_seen_subcommand_from " + command.name() + "'";
        Word.options(command).forEach(word -> script.append(inFish(seen, word)).append('\n'));
        for (Word word : Word.arguments(command)) {
          if (word.file() || !word.values().isEmpty()) {
            script.append("complete -c entrepot -n %s%s\n".formatted(seen, fishValues(word)));
          }
        }
      }
      return script.toString();
    }
  };

  /** The script that teaches a command line to the shell. */
  public abstract String script(CommandSpec root);

  private static String names(CommandSpec command) {
    return Word.options(command).stream()
        .flatMap(word -> word.names().stream())
        .collect(Collectors.joining(" "));
  }

  private static String inBash(CommandSpec command) {
    StringBuilder values = new StringBuilder();
    for (Word word : Word.options(command)) {
      if (!word.label().isEmpty()) {
        values.append(
            "        %s) options= values='%s' file=%s ;;\n"
                .formatted(
                    String.join(" | ", word.names()),
                    String.join(" ", word.values()),
                    word.file() ? "yes" : ""));
      }
    }
    List<Word> arguments = Word.arguments(command);
    return """
        %s)
          options='%s'
          values='%s'
          file=%s
          case $previous in
    %s      esac
          ;;
    """
        .formatted(
            command.name(),
            names(command),
            arguments.stream()
                .flatMap(word -> word.values().stream())
                .collect(Collectors.joining(" ")),
            arguments.stream().anyMatch(Word::file) ? "yes" : "",
            values.toString().indent(2));
  }

  private static String inZsh(Word word) {
    String value =
        word.label().isEmpty() ? "" : ":%s:%s".formatted(plain(word.label()), action(word));
    String text =
        quoted(
            "[%s]%s"
                .formatted(
                    word.description()
                        .replace("\\", "\\\\")
                        .replace("[", "\\[")
                        .replace("]", "\\]")
                        .replace(":", "\\:"),
                    value));
    // Said again with another value, so not struck off the list once it was given.
    String often = word.label().isEmpty() ? "" : "\\*";
    return word.names().size() == 1
        ? often + word.names().getFirst() + text
        : "%s{%s}%s".formatted(often, String.join(",", word.names()), text);
  }

  private static String action(Word word) {
    if (word.file()) {
      return "_files";
    }
    return word.values().isEmpty() ? "" : "(" + String.join(" ", word.values()) + ")";
  }

  private static String inFish(String condition, Word word) {
    StringBuilder line = new StringBuilder("complete -c entrepot -n " + condition);
    for (String name : word.names()) {
      line.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^--?", ""));
    }
    if (!word.label().isEmpty()) {
      line.append(word.file() ? "" : " -x").append(fishValues(word));
    }
    return line.append(" -d ").append(forFish(word.description())).toString();
  }

  private static String fishValues(Word word) {
    if (word.file()) {
      return " -r -F";
    }
    return word.values().isEmpty() ? "" : " -a '" + String.join(" ", word.values()) + "'";
  }

  private static String plain(String label) {
    return label.replace(":", "\\:");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private static String forFish(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
