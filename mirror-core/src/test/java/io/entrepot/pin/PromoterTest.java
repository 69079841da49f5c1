package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.LeftReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one environment's files give to another's. */
final class PromoterTest {

  private static final String OLD = "sha256:" + "1".repeat(64);
  private static final String NEW = "sha256:" + "2".repeat(64);

  @TempDir Path tree = Path.of("");

  @Test
  void digestAlone_isPromoted() throws IOException {
    both("values.yaml", "image: {digest: \"%s\"}\n", NEW, OLD);

    assertThat(promoted()).isEqualTo("image: {digest: \"%s\"}\n".formatted(NEW));
  }

  @Test
  void tagWithItsDigest_isPromoted() throws IOException {
    both("values.yaml", "image:\n  tag: %s\n", "2.0@" + NEW, "1.0@" + OLD);

    assertThat(promoted()).isEqualTo("image:\n  tag: 2.0@%s\n".formatted(NEW));
  }

  @Test
  void tagBesideItsDigest_isPromotedWithIt() throws IOException {
    write("dev/values.yaml", "image: {tag: \"2.0\", digest: \"%s\"}\n".formatted(NEW));
    write("staging/values.yaml", "image: {tag: \"1.0\", digest: \"%s\"}\n".formatted(OLD));

    assertThat(promoted()).isEqualTo("image: {tag: \"2.0\", digest: \"%s\"}\n".formatted(NEW));
  }

  @Test
  void tagWithoutDigest_isListed() throws IOException {
    both("values.yaml", "image:\n  tag: \"%s\"\n", "2.0", "1.0");

    PinPlan plan = plan();

    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.ONE_SIDED)
        .matches(left -> left.reason().contains("no digest here, only 2.0"));
  }

  @Test
  void objectNamedAfterItsEnvironment_isTheSameObject() throws IOException {
    String text = "kind: Application\nmetadata: {name: %s}\nspec: {image: quay.io/acme/shop@%s}\n";
    write("dev/values.yaml", text.formatted("shop-dev", NEW));
    write("staging/values.yaml", text.formatted("shop-staging", OLD));

    assertThat(promoted()).isEqualTo(text.formatted("shop-staging", NEW));
    assertThat(plan().left()).isEmpty();
  }

  @Test
  void objectOfAnotherName_isNot() throws IOException {
    String text = "kind: Application\nmetadata: {name: %s}\nspec: {image: quay.io/acme/shop@%s}\n";
    write("dev/values.yaml", text.formatted("shop-dev", NEW));
    write("staging/values.yaml", text.formatted("cart-staging", OLD));

    PinPlan plan = plan();

    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left()).hasSize(2);
  }

  private void both(String name, String text, String dev, String staging) throws IOException {
    write("dev/" + name, text.formatted(dev));
    write("staging/" + name, text.formatted(staging));
  }

  private void write(String name, String text) throws IOException {
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private PinPlan plan() throws IOException {
    return new Promoter(PinRules.DEFAULT, PolicyFilter.none(), null)
        .plan(tree.resolve("dev"), tree.resolve("staging"));
  }

  private String promoted() throws IOException {
    PinPlan plan = plan();
    assertThat(plan.left()).isEmpty();
    return plan.files().stream()
        .filter(FilePlan::changes)
        .map(FilePlan::after)
        .findFirst()
        .orElse("");
  }
}
