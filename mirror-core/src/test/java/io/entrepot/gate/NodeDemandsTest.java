package io.entrepot.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Platform;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.YamlScanner;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pods ask of their nodes. */
final class NodeDemandsTest {

  private static final List<Platform> BOTH =
      List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));

  private static NodeDemands demands(String pod) {
    return NodeDemands.of(
        (SourceMapping) YamlScanner.scan(SourceText.of(pod.replace('|', ','))).getFirst());
  }

  private static String affinity(String... terms) {
    return "affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [%s] } } }"
        .formatted(String.join(", ", terms));
  }

  private static String in(String key, String values) {
    return "{ matchExpressions: [{ key: %s, operator: In, values: [%s] }] }".formatted(key, values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; linux/amd64,linux/arm64",
        "{ nodeSelector: { kubernetes.io/arch: arm64 } }; linux/arm64",
        "{ nodeSelector: { beta.kubernetes.io/arch: arm64 } }; linux/arm64",
        "{ nodeSelector: { kubernetes.io/os: linux } }; linux/amd64,linux/arm64",
        "{ nodeSelector: { kubernetes.io/os: windows } }; windows/amd64",
        "{ nodeSelector: { kubernetes.io/arch: s390x } }; linux/s390x",
        "{ nodeSelector: { pool: x } }; linux/amd64,linux/arm64"
      })
  void pod_runsOnThePlatformsThatItsSelectorAllows(String pod, String platforms) {
    assertThat(demands(pod).platforms(BOTH).stream().map(Platform::toString))
        .containsExactly(platforms.split(","));
  }

  @Test
  void severalTerms_allowWhatAnyOfThemAllows() {
    NodeDemands arm = demands(affinity(in("kubernetes.io/arch", "arm64")));
    NodeDemands either =
        demands(affinity(in("kubernetes.io/arch", "arm64"), in("kubernetes.io/arch", "amd64")));
    NodeDemands open = demands(affinity(in("kubernetes.io/arch", "arm64"), in("pool", "x")));
    assertThat(arm.platforms(BOTH)).containsExactly(Platform.parse("linux/arm64"));
    assertThat(either.platforms(BOTH)).isEqualTo(BOTH);
    assertThat(open.platforms(BOTH)).isEqualTo(BOTH);
    assertThat(open.fits(Map.of("pool", "x"))).isTrue();
    assertThat(open.fits(Map.of("pool", "y"))).isFalse();
  }

  @Test
  void operators_areThoseOfKubernetes() {
    String expression = "{ matchExpressions: [{ key: pool, operator: %s%s }] }";
    Map<String, String> pool = Map.of("pool", "a");
    assertThat(demands(affinity(expression.formatted("Exists", ""))).fits(pool)).isTrue();
    assertThat(demands(affinity(expression.formatted("Exists", ""))).fits(Map.of())).isFalse();
    assertThat(demands(affinity(expression.formatted("DoesNotExist", ""))).fits(pool)).isFalse();
    String others = ", values: [b]";
    assertThat(demands(affinity(expression.formatted("NotIn", others))).fits(pool)).isTrue();
    assertThat(demands(affinity(expression.formatted("NotIn", others))).fits(Map.of())).isTrue();
    assertThat(demands(affinity(expression.formatted("In", others))).fits(pool)).isFalse();
  }
}
