package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.MapFields;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteContext;
import io.entrepot.yaml.SourceMapping;
import org.jspecify.annotations.Nullable;

/** Names under {@code image} that nothing pulls: what a build makes, and virtual machines. */
final class BuiltImages implements Format {

  @Override
  public Claim find(SourceMapping mapping, SiteContext context) {
    Segment image = MapFields.find(mapping, "image");
    String why = image == null ? null : why(mapping, context);
    return image == null || why == null
        ? Claim.NONE
        : new Claim.Builder().dismiss(image, context.path().key("image"), why).build();
  }

  private static @Nullable String why(SourceMapping mapping, SiteContext context) {
    if (context.outerKey().equals("services") && mapping.entry("build") != null) {
      return "what the build beside it makes";
    }
    if (context.inList()
        && context.key().equals("artifacts")
        && context.document().kind().group().equals("skaffold")) {
      return "what Skaffold builds";
    }
    // CircleCI's jobs and executors; other machines have their images in maps of their own.
    return context.key().equals("machine") ? "a virtual machine's" : null;
  }
}
