package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "tags",
    description = "List the tags of a repository, one a line.",
    footer = {
      "",
      "Examples:",
      "  entrepot tags quay.io/spotahome/redis-operator",
      "  entrepot tags redis | grep alpine",
    })
final class TagsCommand extends EntrepotCommand {

  @SuppressWarnings("NullAway.Init") // set before the command runs
  @Parameters(
      paramLabel = "REPO",
      description = "The repository, for example docker.io/grafana/grafana.")
  private Repository repository;

  @Mixin private final OutputOptions output = new OutputOptions();

  TagsCommand(Invocation invocation) {
    super(invocation);
  }

  @Override
  ExitCode run(Invocation context) {
    try (Session session = Session.open(context)) {
      List<Tag> tags = session.client().tags(repository).await();
      if (output.json()) {
        ObjectNode root = Json.object().put("repository", repository.toString());
        root.set("tags", Json.texts(tags));
        context.console().document(Json.document(root));
      } else {
        tags.forEach(tag -> context.console().result(tag.value()));
      }
      return ExitCode.DONE;
    }
  }
}
