package io.entrepot.mirror;

import io.entrepot.lock.LockFile;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.charts.ChartEntry;
import io.entrepot.mirror.charts.ChartFetcher;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chart, or an image of one, that is not copied, and why.
 *
 * @param where file and line of the entry
 */
record ChartProblem(
    ImageReference source,
    ImageReference target,
    String reason,
    @Nullable String remedy,
    String where) {

  private static final CopyPolicy POLICY = new CopyPolicy(List.of(), true, false, false, null);

  static ChartProblem of(ChartEntry entry, String reason, @Nullable String remedy) {
    return new ChartProblem(
        new ImageReference(entry.chart().key(), null, null),
        new ImageReference(entry.target(), null, null),
        reason,
        remedy,
        entry.where());
  }

  static ChartProblem of(ChartEntry entry, String version, String reason, @Nullable String remedy) {
    ImageReference key = ChartFetcher.key(entry.chart(), version);
    Tag tag = key.tag();
    return new ChartProblem(
        key,
        tag == null ? new ImageReference(entry.target(), null, null) : entry.target().tagged(tag),
        reason,
        remedy,
        entry.where());
  }

  PlannedImage planned(LockFile lock) {
    return ImageDraft.of(new ImageCopy(source, target, POLICY, where), lock).failed(reason, remedy);
  }
}
