package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Names that nothing pulls. */
final class BuiltImagesTest {

  private final OneFormat read = new OneFormat(new BuiltImages());

  @Test
  void serviceThatIsBuilt_hasNoImageToPull_othersAreNotRead() {
    OneFormat.Result result =
        read.of(
            """
            services:
              web: {build: ., image: acme/web}
              db: {image: "postgres:16"}
            """);

    assertThat(result.sites()).isEmpty();
    assertThat(result.dismissals())
        .containsExactly("services.web.image: what the build beside it makes");
  }

  @Test
  void artifactsOfSkaffold_areBuilt_thoseOfOthersAreNot() {
    String artifacts = "build:\n  artifacts:\n    - image: acme/web\n";

    assertThat(read.of("apiVersion: skaffold/v4beta9\nkind: Config\n" + artifacts).dismissals())
        .containsExactly("build.artifacts[0].image: what Skaffold builds");
    assertThat(read.of(artifacts).dismissals()).isEmpty();
  }

  @Test
  void machineOfCircleCi_isAVirtualOne_theKubeletOfTalosIsNot() {
    OneFormat.Result result =
        read.of(
            """
            jobs:
              vm:
                machine: {image: "ubuntu-2204:2024.01.1"}
            machine:
              kubelet: {image: "ghcr.io/siderolabs/kubelet:v1.29.1"}
            """);

    assertThat(result.dismissals()).containsExactly("jobs.vm.machine.image: a virtual machine's");
  }
}
