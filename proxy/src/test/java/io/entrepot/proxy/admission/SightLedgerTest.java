package io.entrepot.proxy.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SightLedgerTest {

  private static final Repository APP = Repository.parse("docker.io/acme/app");
  private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("policy/sights");
  }

  private static Digest digest(int number) {
    return Digest.of(Integer.toString(number).getBytes(UTF_8));
  }

  private static Instant seen(SightLedger ledger, int number, Instant now) {
    return ledger.seen(APP, digest(number), Optional.empty(), Optional::empty, now);
  }

  @Test
  void sight_isWrittenOnce_andReadAgain() {
    SightLedger ledger = new SightLedger(file());
    assertThat(seen(ledger, 1, NOON)).isEqualTo(NOON);
    assertThat(seen(ledger, 1, NOON.plusSeconds(60))).isEqualTo(NOON);
    ledger.close();
    assertThat(seen(new SightLedger(file()), 1, NOON.plusSeconds(90))).isEqualTo(NOON);
  }

  @Test
  void earlierSightOfOthers_counts_laterDoesNot() {
    SightLedger ledger = new SightLedger(file());
    seen(ledger, 1, NOON);
    Instant earlier = NOON.minus(Duration.ofDays(1));
    assertThat(ledger.seen(APP, digest(1), Optional.of(NOON.plusSeconds(1)), Optional::empty, NOON))
        .isEqualTo(NOON);
    assertThat(ledger.seen(APP, digest(1), Optional.of(earlier), Optional::empty, NOON))
        .isEqualTo(earlier);
    ledger.close();
    assertThat(seen(new SightLedger(file()), 1, NOON)).isEqualTo(earlier);
  }

  @Test
  void halfALine_costsItself_andTheNextOneIsWhole() throws Exception {
    SightLedger ledger = new SightLedger(file());
    seen(ledger, 1, NOON);
    seen(ledger, 2, NOON);
    ledger.close();
    String text = Files.readString(file());
    Files.writeString(file(), text.substring(0, text.length() - 30));
    SightLedger again = new SightLedger(file());
    assertThat(seen(again, 1, NOON.plusSeconds(5))).isEqualTo(NOON);
    assertThat(seen(again, 2, NOON.plusSeconds(5))).isEqualTo(NOON.plusSeconds(5));
    again.close();
    assertThat(seen(new SightLedger(file()), 2, NOON.plusSeconds(9)))
        .isEqualTo(NOON.plusSeconds(5));
  }

  @Test
  void hundredThousandEntries_areReadAtOnce() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      text.append("seen %s %s %s\n".formatted(NOON, APP, digest(i)));
    }
    Files.createDirectories(directory.resolve("policy"));
    Files.writeString(file(), text);
    assertThat(seen(new SightLedger(file()), 99_999, NOON.plusSeconds(9))).isEqualTo(NOON);
  }
}
