package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

final class TagsCommand extends EntrepotCommand {

  private final Option<Repository> repository =
      arguments()
          .parameter(
              0,
              Repository.class,
              "REPO",
              "The repository, for example docker.io/grafana/grafana.");

  private final OutputOptions output = new OutputOptions(arguments());

  private final RegistryOptions registries = new RegistryOptions(arguments());

  TagsCommand(Invocation invocation) {
    super(
        invocation,
        "List the tags of a repository, one a line.",
        "",
        "Examples:",
        "  entrepot tags quay.io/spotahome/redis-operator",
        "  entrepot tags redis | grep alpine");
  }

  @Override
  ExitCode run(Invocation context) {
    try (Session session = Session.open(context, registries.upstreams(context))) {
      List<Tag> tags = session.client().tags(repository.value()).await();
      if (output.json()) {
        ObjectNode root = Json.object().put("repository", repository.value().toString());
        root.set("tags", Json.texts(tags));
        context.console().document(Json.document(root));
      } else {
        tags.forEach(tag -> context.console().result(tag.value()));
      }
      return ExitCode.DONE;
    }
  }
}
