package io.entrepot.mirror;

import io.entrepot.mirror.MirrorStep.AskHook;
import io.entrepot.policy.Hook;
import io.entrepot.render.ToolRun;
import io.entrepot.render.ToolRun.ToolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Asks the operator's program whether a tag may move. */
final class HookRun {

  private static final int LINES = 5;
  private static final int MAX_LINE = 300;

  private HookRun() {}

  /**
   * Runs the program to its end.
   *
   * @throws Stopped where it does not say yes
   */
  static void ask(Hook hook, AskHook step) {
    List<String> command = new ArrayList<>();
    for (String word : hook.command()) {
      command.add(word.replace("{reference}", step.reference().toString()));
    }
    String program = command.getFirst();
    if (program.contains("/")) {
      // A program without a slash is looked for in the usual places.
      command.set(0, hook.directory().resolve(program).toAbsolutePath().normalize().toString());
    }
    ToolRun done;
    try {
      done = ToolRun.of(command, hook.directory().toAbsolutePath(), Map.of(), hook.timeout());
    } catch (ToolException e) {
      throw Stopped.refused(
          "the hook gave no answer: " + e.getMessage(),
          "nothing is copied that the hook was not asked about; mend `hook:`");
    }
    if (done.status() != 0) {
      throw Stopped.refused(
          "the hook %s refused %s with exit code %d%s"
              .formatted(program, step.reference(), done.status(), lastLines(done)),
          "see what the hook says, or take another version");
    }
  }

  private static String lastLines(ToolRun done) {
    List<String> lines =
        (done.output() + "\n" + done.errors())
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(line -> line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line)
            .toList();
    List<String> last = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
    return last.isEmpty() ? "" : ": " + String.join("; ", last);
  }
}
