package io.entrepot.cli.command;

import io.entrepot.ca.CaException;
import io.entrepot.cli.output.Console;
import io.entrepot.gate.GateException;
import io.entrepot.mirror.MirrorException;
import io.entrepot.oci.MalformedException;
import io.entrepot.pods.PodListException;
import io.entrepot.registry.RegistryException;
import io.entrepot.store.StoreException;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into messages and exit codes. Nothing else does. */
final class Failures {

  private Failures() {}

  /** Makes the parser report failures here. */
  static void handle(CommandLine commandLine, Console console) {
    commandLine.setParameterExceptionHandler((failure, arguments) -> report(failure, console));
    commandLine.setExecutionExceptionHandler(
        (failure, command, parsed) -> report(failure, console));
  }

  static int report(Throwable failure, Console console) {
    ExitCode code = describe(failure, console);
    console.trace(failure);
    return code.number();
  }

  private static ExitCode describe(Throwable failure, Console console) {
    return switch (failure) {
      case ConfigException wrong -> {
        wrong.problems().forEach(problem -> console.error(problem.toString()));
        yield ExitCode.USAGE;
      }
      case ParameterException wrong -> {
        console.error(wrong.getMessage() + suggestions(wrong));
        console.say(
            "try: %s --help".formatted(wrong.getCommandLine().getCommandSpec().qualifiedName()));
        yield ExitCode.USAGE;
      }
      case UsageException wrong -> {
        console.error(String.valueOf(wrong.getMessage()));
        yield ExitCode.USAGE;
      }
      case CaException wrong -> {
        console.error(String.valueOf(wrong.getMessage()));
        yield ExitCode.FAILED;
      }
      case GateException wrong -> {
        console.error(String.valueOf(wrong.getMessage()));
        yield ExitCode.USAGE;
      }
      case PodListException wrong -> {
        console.error(String.valueOf(wrong.getMessage()));
        yield ExitCode.USAGE;
      }
      case RegistryException refused -> {
        console.error(withRemedy(String.valueOf(refused.getMessage()), refused.remedy()));
        yield refused.isLimit() ? ExitCode.POSTPONED : ExitCode.FAILED;
      }
      case MirrorException stopped -> {
        console.error(withRemedy(stopped.image() + ": " + stopped.getMessage(), stopped.remedy()));
        yield ExitCode.FAILED;
      }
      case StoreException refused -> {
        console.error(String.valueOf(refused.getMessage()));
        yield switch (refused.reason()) {
          case ABSENT, LOCKED, FORMAT -> ExitCode.USAGE;
          default -> ExitCode.FAILED;
        };
      }
      case MalformedException wrong -> {
        console.error(String.valueOf(wrong.getMessage()));
        yield ExitCode.FAILED;
      }
      case UncheckedIOException wrong -> {
        console.error(String.valueOf(wrong.getCause()));
        yield ExitCode.FAILED;
      }
      case NoSuchFileException missing -> {
        console.error("no such file or directory: " + missing.getFile());
        yield ExitCode.FAILED;
      }
      case AccessDeniedException denied -> {
        console.error("not allowed by the file system: " + denied.getFile());
        yield ExitCode.FAILED;
      }
      case IOException wrong -> {
        console.error(wrong.getClass().getSimpleName() + ": " + wrong.getMessage());
        yield ExitCode.FAILED;
      }
      case OutOfMemoryError _ -> {
        console.error(outOfMemory(Runtime.getRuntime().maxMemory() >> 20));
        yield ExitCode.FAILED;
      }
      default -> {
        console.error(
            "this is a fault of the program: %s%s"
                .formatted(
                    failure, console.isVerbose() ? "" : " (--verbose shows where it happened)"));
        yield ExitCode.FAILED;
      }
    };
  }

  private static String outOfMemory(long mebibytes) {
    return withRemedy(
        "out of memory: what this command has to keep does not fit a heap of %d MiB"
            .formatted(mebibytes),
        "give it more, for instance ENTREPOT_JAVA_OPTIONS=-Xmx%dm, or do a part of the work at a time"
            .formatted(4 * mebibytes));
  }

  private static String suggestions(ParameterException wrong) {
    return wrong instanceof UnmatchedArgumentException unmatched
            && !unmatched.getSuggestions().isEmpty()
        ? "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?"
        : "";
  }

  /** The message, and the remedy on a line of its own. */
  static String withRemedy(String message, @Nullable String remedy) {
    return remedy == null ? message : message + "\n       " + remedy;
  }
}
