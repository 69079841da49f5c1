package io.entrepot.render;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.render.ToolRun.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lays kustomizations over what helm prints, as Flux's {@code postRenderers} do. */
final class PostRendering {

  private final KustomizeBuild build;

  PostRendering(KustomizeBuild build) {
    this.build = build;
  }

  /**
   * What kustomize makes of manifests.
   *
   * @param overlays kustomizations as JSON, in their order
   * @return the run of the last overlay, or of the first one that does not build
   */
  ToolRun lay(List<String> overlays, String manifests) throws ToolException, IOException {
    ToolRun last = new ToolRun(0, manifests, "");
    for (String overlay : overlays) {
      if (last.status() != 0 || last.output().isBlank()) {
        return last;
      }
      Path scratch = Files.createTempDirectory("entrepot-kustomize");
      try {
        Files.writeString(scratch.resolve("all.yaml"), last.output(), UTF_8);
        Files.writeString(
            scratch.resolve("kustomization.yaml"),
            KustomizeOverlay.over(List.of("all.yaml"), List.of(), overlay),
            UTF_8);
        ToolRun run = build.run(scratch.toString(), true, false);
        last =
            new ToolRun(
                run.status(),
                run.output(),
                run.errors().replace(scratch + "/", "").replace(scratch.toString(), "the release"));
      } finally {
        Scratch.remove(scratch);
      }
    }
    return last;
  }
}
