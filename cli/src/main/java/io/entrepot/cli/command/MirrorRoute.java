package io.entrepot.cli.command;

import io.entrepot.layout.Layout;
import io.entrepot.lock.LockFile;
import io.entrepot.mirror.ChartRun;
import io.entrepot.mirror.LayoutExport;
import io.entrepot.mirror.LayoutImport;
import io.entrepot.mirror.Mirror;
import io.entrepot.mirror.MirrorListener;
import io.entrepot.mirror.MirrorOptions;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.mirror.MirrorSpec;
import io.entrepot.registry.RegistryClient;
import java.util.Optional;

/** From where to where a mirror file is copied: between registries, or by an image layout. */
sealed interface MirrorRoute extends AutoCloseable {

  /** What is copied. */
  MirrorSpec spec();

  /** The lock to plan with. */
  Optional<LockFile> planning();

  /** A mirror on this route. */
  Mirror mirror(MirrorOptions options, MirrorListener listener);

  /** The plan with what is known without it: charts that cannot be had. */
  MirrorPlan complete(MirrorPlan plan, MirrorOptions options);

  /**
   * What belongs to the end of a run; the report has the lock that is to be written.
   *
   * @param whole false where the run was stopped
   */
  MirrorReport conclude(MirrorReport report, boolean whole);

  @Override
  void close();

  /** Source registries to the target's. */
  record Between(ChartRun charts, Optional<LockFile> planning) implements MirrorRoute {

    @Override
    public MirrorSpec spec() {
      return charts.spec();
    }

    @Override
    public Mirror mirror(MirrorOptions options, MirrorListener listener) {
      return new Mirror(charts.client(), options, listener);
    }

    @Override
    public MirrorPlan complete(MirrorPlan plan, MirrorOptions options) {
      return charts.complete(plan, options);
    }

    @Override
    public MirrorReport conclude(MirrorReport report, boolean whole) {
      return charts.conclude(report);
    }

    @Override
    public void close() {}
  }

  /** Source registries to a layout. */
  record Into(ChartRun charts, Layout layout, LayoutExport export, Optional<LockFile> former)
      implements MirrorRoute {

    @Override
    public MirrorSpec spec() {
      return export.spec();
    }

    @Override
    public Optional<LockFile> planning() {
      return Optional.of(export.planning(former.orElseGet(LockFile::empty)));
    }

    @Override
    public Mirror mirror(MirrorOptions options, MirrorListener listener) {
      return new Mirror(charts.client(), export.target(charts.client()), options, listener);
    }

    @Override
    public MirrorPlan complete(MirrorPlan plan, MirrorOptions options) {
      return charts.complete(plan, options);
    }

    @Override
    public MirrorReport conclude(MirrorReport report, boolean whole) {
      MirrorReport done = charts.conclude(report);
      export.conclude(done);
      if (whole) {
        layout.finish();
      }
      return done;
    }

    @Override
    public void close() {
      layout.close();
    }
  }

  /** A layout to the target's registry. */
  record OutOf(RegistryClient client, Layout layout, LayoutImport arriving) implements MirrorRoute {

    @Override
    public MirrorSpec spec() {
      return arriving.spec();
    }

    @Override
    public Optional<LockFile> planning() {
      return Optional.of(arriving.planning());
    }

    @Override
    public Mirror mirror(MirrorOptions options, MirrorListener listener) {
      return new Mirror(arriving.source(), client, options.fromLock(), listener);
    }

    @Override
    public MirrorPlan complete(MirrorPlan plan, MirrorOptions options) {
      return arriving.complete(plan, options);
    }

    @Override
    public MirrorReport conclude(MirrorReport report, boolean whole) {
      return arriving.conclude(report);
    }

    @Override
    public void close() {
      layout.close();
    }
  }
}
