package io.entrepot.tests;

import io.entrepot.testing.TestRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole program in a folder of its own, between a source and a target. */
@Timeout(180)
abstract class TwoRegistries {

  @TempDir Path folder;
  TestRegistry source;
  TestRegistry target;
  Entrepot entrepot;

  @BeforeEach
  void start() {
    source = TestRegistry.start();
    target = TestRegistry.start();
    entrepot = Entrepot.in(folder);
  }

  @AfterEach
  void stop() {
    source.close();
    target.close();
  }
}
