package io.entrepot.proxy.schedule;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Gives a lock file that changed to a program that commits it, for instance. Blocks. */
final class LockHandover {

  private static final Logger LOG = System.getLogger(LockHandover.class.getName());

  private final Duration limit;

  /**
   * @param limit after which a program is ended
   */
  LockHandover(Duration limit) {
    this.limit = limit;
  }

  /** Runs the program of a mirror in the lock's folder; gives why it failed, or nothing. */
  String run(MirrorJob job) {
    Path lock = job.lock().toAbsolutePath();
    List<String> command = new ArrayList<>(job.onLock());
    command.add(lock.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ENTREPOT_LOCK", lock.toString());
    Path folder = lock.getParent();
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    // What it says is the server's to say; a pipe that nobody reads would stop it.
    builder.redirectOutput(Redirect.INHERIT);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue() == 0
            ? ""
            : told(job, "ended with exit code " + process.exitValue());
      }
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      return told(job, "did not end within %d s".formatted(limit.toSeconds()));
    } catch (IOException e) {
      return told(job, "could not be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return told(job, "was not waited for: the server stops");
    }
  }

  private static String told(MirrorJob job, String what) {
    String message =
        "the program of onLock: %s %s; it runs again with the next run"
            .formatted(job.onLock().getFirst(), what);
    LOG.log(Level.ERROR, "mirror {0}: {1}", job.name(), message);
    return message;
  }
}
