package io.entrepot.sites.format;

import io.entrepot.sites.Claim;
import io.entrepot.sites.Format;
import io.entrepot.sites.SiteContext;
import io.entrepot.sites.TextBlock;
import io.entrepot.yaml.ScalarSite;
import java.util.List;

/** Lines {@code NAME=reference} of a block, as in scripts and files of properties. */
final class AssignmentBlocks implements Format {

  @Override
  public Claim find(ScalarSite text, SiteContext context) {
    // A block is taken in any case: no other format reads several lines.
    return TextBlock.is(text)
        ? new Claim(
            Assignments.lines(text, context.path(), /* named= */ false), List.of(text), List.of())
        : Claim.NONE;
  }
}
