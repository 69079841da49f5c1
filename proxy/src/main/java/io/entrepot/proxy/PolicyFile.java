package io.entrepot.proxy;

import io.entrepot.policy.Policy;
import io.entrepot.proxy.admission.Admission;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.yaml.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The policy's file and what it names, read again when the content of one of them changes, also
 * behind links. A policy that cannot be used is told, and the one before it counts.
 *
 * <p>Everything blocks.
 */
final class PolicyFile {

  private static final Logger LOG = System.getLogger(PolicyFile.class.getName());

  /** Bytes of a file that are looked at; what is beyond would not be read as a policy either. */
  private static final int MAX_FILE = 8 * 1024 * 1024;

  private final PolicySettings settings;
  private final Admission admission;
  private final AtomicBoolean looking = new AtomicBoolean();
  private Map<Path, Integer> seen;

  private PolicyFile(PolicySettings settings, Admission admission) {
    this.settings = settings;
    this.admission = admission;
    this.seen = states(Set.of(settings.file()));
  }

  /**
   * Reads the policy and puts it in force.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  static PolicyFile obey(PolicySettings settings, Admission admission) {
    PolicyFile file = new PolicyFile(settings, admission);
    file.read();
    return file;
  }

  private void read() {
    PolicySettings.Reading reading = settings.reading().get();
    Policy policy = reading.policy();
    seen = states(reading.files());
    admission.obey(policy, settings.mode());
    LOG.log(
        Level.INFO,
        "{0} is in force ({1}): {2} rules, {3} denied digests",
        settings.file(),
        settings.mode().word(),
        policy.rules().size(),
        policy.denied().size());
  }

  /** Reads the policy if it changed. */
  void refresh() {
    if (!looking.compareAndSet(false, true)) {
      return;
    }
    try {
      Map<Path, Integer> now = states(seen.keySet());
      if (!now.equals(seen)) {
        seen = now;
        read();
      }
    } catch (ConfigException e) {
      LOG.log(
          Level.ERROR,
          "the policy changed and cannot be used; what it was before counts: {0}",
          e.getMessage());
    } finally {
      looking.set(false);
    }
  }

  /** What differs when the bytes of a file do. */
  private static Map<Path, Integer> states(Set<Path> files) {
    Map<Path, Integer> states = new HashMap<>();
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        states.put(file, Arrays.hashCode(in.readNBytes(MAX_FILE)));
      } catch (IOException e) {
        states.put(file, 0);
      }
    }
    return states;
  }
}
