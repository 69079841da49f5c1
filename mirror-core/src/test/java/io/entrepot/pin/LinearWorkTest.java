package io.entrepot.pin;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Four times the file is four times the work: counted in bytes allocated, which no clock moves. */
@Timeout(120)
final class LinearWorkTest {

  private static final Map<String, String> LOCK =
      Map.of(
          "docker.io/acme/app:1",
          Locks.MIRROR + "/app:1",
          "docker.io/acme/app:2",
          "quay.io/elsewhere/other:2");

  private static String each(int count, IntFunction<String> line) {
    return IntStream.range(0, count).mapToObj(line).collect(joining());
  }

  private static Arguments files(String name, IntFunction<String> text) {
    return Arguments.of(name, text);
  }

  static Stream<Arguments> shapes() {
    String big = "big: &b |\n" + "  A=acme/app\n".repeat(5_000);
    return Stream.of(
        files("sites in one map", n -> each(n, i -> "k" + i + "Image: acme/app:1\n")),
        files("sites in one block", n -> "data:\n  x: |\n" + "    A_IMAGE=acme/app:1\n".repeat(n)),
        files(
            "sites in one block of lines that end in CR LF",
            n -> "data:\r\n  x: |\r\n" + "    A_IMAGE=acme/app:1\r\n".repeat(n)),
        files("blocks", n -> each(n, i -> "k" + i + ": |\n  image: acme/app:1\n  x: y\n")),
        files("documents", n -> "---\nimage: acme/app:1\n".repeat(n)),
        files(
            "images that want different registries of one field",
            n ->
                "global:\n  imageRegistry: docker.io\n"
                    + each(
                        n,
                        i ->
                            "k%d:\n  image: {repository: acme/app, tag: '%d', digest: ''}\n"
                                .formatted(i, i % 2 + 1))),
        files(
            "aliases of one image",
            n -> "x: &a acme/app:1\n" + each(n, i -> "k" + i + "Image: *a\n")),
        files("aliases of one block", n -> big + "list:\n" + "- *b\n".repeat(n)),
        files(
            "environment of one block",
            n -> big + "list:\n" + "- {name: A_IMAGE, value: *b}\n".repeat(n)),
        files(
            "sites below a long path",
            n ->
                each(150, i -> " ".repeat(i) + "k" + i + "y".repeat(190) + ":\n")
                    + each(n, i -> " ".repeat(150) + "k" + i + "Image: acme/app:1\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void fourTimesTheSites_fourTimesTheWork(String name, IntFunction<String> text) {
    allocated(text.apply(500));
    long once = allocated(text.apply(2_000));
    long fourTimes = allocated(text.apply(8_000));
    assertThat((double) fourTimes / once).as(name).isLessThan(6);
  }

  private static long allocated(String text) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Pinning pinning = Pinning.of(text, LOCK);
    pinning.left().forEach(left -> assertThat(left.reason()).hasSizeLessThan(2_000));
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
