package io.entrepot.cli.command;

import io.entrepot.cli.output.CacheOutput;
import io.entrepot.cli.output.StatusLine;
import io.entrepot.proxy.StoreAnswer;
import io.entrepot.proxy.StoreControl;
import io.entrepot.proxy.StoreRequest;
import java.util.stream.Stream;

/**
 * A command below {@code cache} that the store's holder does: the server that runs, else this
 * process.
 */
class CacheStoreCommand extends EntrepotCommand {

  private final StoreRequest request;
  private final ServeOptions options = new ServeOptions(arguments());
  private final OutputOptions output = new OutputOptions(arguments());

  /**
   * @param request what is asked, where that takes no arguments
   * @param examples as they are typed
   */
  CacheStoreCommand(
      Invocation invocation, StoreRequest request, String description, String... examples) {
    super(
        invocation,
        description,
        Stream.concat(Stream.of("", "Examples:"), Stream.of(examples)).toArray(String[]::new));
    this.request = request;
  }

  /** What is asked of the store. */
  StoreRequest request(Invocation context) {
    return request;
  }

  @Override
  final ExitCode run(Invocation context) {
    StoreRequest wanted = request(context);
    StoreAnswer answer;
    try (StatusLine working = new StatusLine(context.console(), context.terminal())) {
      working.working("the store works");
      answer = StoreControl.run(options.settings(context).storage().directory(), wanted);
    }
    CacheOutput.print(context.console(), answer, output.json());
    return CacheOutput.failed(answer) ? ExitCode.FAILED : ExitCode.DONE;
  }
}
