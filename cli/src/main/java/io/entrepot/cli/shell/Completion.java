package io.entrepot.cli.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        Word.commands(command).forEach(below -> cases.append(inBash(below)));
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
            command+=${command:+ }${COMP_WORDS[at]}
            case $command in %s) ;; *) break ;; esac
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
          .formatted(
              Word.commands(root).stream()
                  .filter(command -> !Word.commands(command).isEmpty())
                  .map(CommandSpec::name)
                  .collect(Collectors.joining(" | ")),
              names(root),
              commands,
              cases);
    }
  },

  ZSH {
    @Override
    public String script(CommandSpec root) {
      return
"""
      #compdef entrepot
      # Completion of entrepot in zsh; `entrepot completion zsh` prints it.
      _entrepot() {
        local context state state_descr line
        typeset -A opt_args
%s      }
      if [ "$funcstack[1]" = _entrepot ]; then
        _entrepot "$@"
      else
        compdef _entrepot entrepot
      fi
"""
          .formatted(groupInZsh(root).indent(2));
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
        String seen = "__fish_seen_subcommand_from " + command.name();
        List<CommandSpec> below = Word.commands(command);
        String names = below.stream().map(CommandSpec::name).collect(Collectors.joining(" "));
        String chosen = "; and not __fish_seen_subcommand_from " + names;
        inFish(script, below.isEmpty() ? seen : seen + chosen, command);
        for (CommandSpec each : below) {
          script.append(
              "complete -c entrepot -n '%s' -a %s -d %s\n"
                  .formatted(seen + chosen, each.name(), forFish(Word.description(each))));
          inFish(script, seen + "; and __fish_seen_subcommand_from " + each.name(), each);
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

  /** A command as it is typed after the program's name, for a pattern of bash. */
  private static String path(CommandSpec command) {
    CommandSpec above = command.parent();
    return above == null || above.parent() == null
        ? command.name()
        : "'%s %s'".formatted(above.name(), command.name());
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
            path(command),
            names(command),
            Stream.concat(
                    arguments.stream().flatMap(word -> word.values().stream()),
                    Word.commands(command).stream().map(CommandSpec::name))
                .collect(Collectors.joining(" ")),
            arguments.stream().anyMatch(Word::file) ? "yes" : "",
            values.toString().indent(2));
  }

  /** The options of a command that has others below it, and theirs. */
  private static String groupInZsh(CommandSpec group) {
    StringBuilder commands = new StringBuilder();
    StringBuilder cases = new StringBuilder();
    for (CommandSpec command : Word.commands(group)) {
      commands.append(
          "      %s\n".formatted(quoted(command.name() + ":" + Word.description(command))));
      String body = Word.commands(command).isEmpty() ? inZsh(command) : groupInZsh(command);
      cases.append("      %s)\n%s        ;;\n".formatted(command.name(), body.indent(8)));
    }
    return """
    _arguments -C \\
      %s \\
      '1: :->command' \\
      '*:: :->rest'
    case $state in
      command)
        local -a commands=(
    %s    )
        _describe command commands
        ;;
      rest)
        case $line[1] in
    %s    esac
        ;;
    esac
    """
        .formatted(
            Word.options(group).stream()
                .map(Completion::inZsh)
                .collect(Collectors.joining(" \\\n  ")),
            commands,
            cases);
  }

  private static String inZsh(CommandSpec command) {
    List<String> lines = new ArrayList<>();
    Word.options(command).forEach(word -> lines.add(inZsh(word)));
    Word.arguments(command)
        .forEach(word -> lines.add(quoted("*:%s:%s".formatted(plain(word.label()), action(word)))));
    // Only the last place may take any number; those before it take one.
    for (int at = 0; at < lines.size() - 1; at++) {
      if (lines.get(at).startsWith("'*:")) {
        lines.set(at, "'" + lines.get(at).substring(2));
      }
    }
    return "_arguments -s \\\n  %s\n".formatted(String.join(" \\\n  ", lines));
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

  private static void inFish(StringBuilder script, String condition, CommandSpec command) {
    String seen = "'" + condition + "'";
    Word.options(command).forEach(word -> script.append(inFish(seen, word)).append('\n'));
    for (Word word : Word.arguments(command)) {
      if (word.file() || !word.values().isEmpty()) {
        script.append("complete -c entrepot -n %s%s\n".formatted(seen, fishValues(word)));
      }
    }
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
