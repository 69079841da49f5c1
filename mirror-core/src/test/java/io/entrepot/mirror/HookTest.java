package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.oci.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's program is asked before a tag moves. */
class HookTest extends PolicySetup {

  @TempDir private Path folder;

  private void hook(String script, String... more) throws IOException {
    Path program = Files.writeString(folder.resolve("scan.sh"), "#!/bin/sh\n" + script);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    policy = "hook: [./scan.sh, \"{reference}\"]\n" + String.join("\n", more);
  }

  @Override
  MirrorOptions options() {
    return MirrorOptions.DEFAULTS.under(new RunPolicy(policy(policy, folder), now, true));
  }

  @Test
  void programThatAgrees_isAskedOnce_withTagAndDigest_inItsFolder() throws IOException {
    hook("echo \"$# $1\" >> asked");
    Descriptor list = release("A");
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
    assertThat(folder.resolve("asked"))
        .hasContent("1 %s@%s".formatted(source.reference("acme/tool", "1.0"), list.digest()));
    assertThat(mirror().outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(Files.readAllLines(folder.resolve("asked"))).hasSize(1);
  }

  @Test
  void programThatRefuses_keepsTheTag_andItsLastLinesAreTold() throws IOException {
    hook("for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 3");
    release("A");

    ImageResult result = mirror();

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.error())
        .contains("the hook ./scan.sh refused")
        .contains("exit code 3")
        .contains("line 3; line 4; line 5; line 6; line 7")
        .doesNotContain("line 2");
    assertThat(target.hasManifest("mirror/tool", "1.0")).isFalse();
    assertThat(locked()).isEmpty();
  }

  @Test
  void formerTag_isNotRetainedEither_whereTheProgramRefuses() throws IOException {
    hook("exit 0");
    Descriptor first = release("A");
    mirror();
    hook("exit 1");
    release("B");
    assertThat(mirror().outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(target.tags("mirror/tool")).containsExactly("1.0");
    assertThat(target.digestOf("mirror/tool", "1.0")).isEqualTo(first.digest());
  }

  @Test
  void programThatHangs_isStopped_andRefuses() throws IOException {
    hook("sleep 60 & wait", "hookTimeout: 1s");
    release("A");
    assertThat(mirror().error()).contains("the hook gave no answer").contains("took longer");
  }

  @Test
  void programThatTalksForLong_isHeardToItsEnd() throws IOException {
    hook(
        "i=0; while [ $i -lt 4000 ]; do echo 'a line of some forty characters, on and on' >&2; i=$((i+1)); done");
    release("A");
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void programThatIsMissing_refuses() {
    policy = "hook: [./none.sh]";
    release("A");
    assertThat(mirror().error()).contains("cannot be started");
  }

  @Test
  void whatIsLocked_isNotAskedAbout_whenItComesBack() throws IOException {
    hook("exit 0");
    release("A");
    mirror();
    hook("exit 1");
    target.removeTag("mirror/tool", "1.0");
    assertThat(mirror().outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void checkAndDryRun_doNotAsk() throws IOException {
    hook("touch asked");
    release("A");
    plan(options().checking(), copy("1.0", PLAIN));
    MirrorPlan dry = plan(options().detailed(), copy("1.0", PLAIN));
    assertThat(dry.images().getFirst().steps())
        .anyMatch(step -> step instanceof MirrorStep.AskHook);
    assertThat(folder.resolve("asked")).doesNotExist();
  }
}
