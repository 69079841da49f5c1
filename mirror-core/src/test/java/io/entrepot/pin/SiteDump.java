package io.entrepot.pin;

import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class SiteDump {
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    List<Path> files;
    try (var walk = Files.walk(root)) {
      files = walk.filter(p -> p.toString().matches(".*\\.ya?ml|.*/Kustomization")).sorted().toList();
    }
    long start = System.nanoTime();
    for (Path file : files) {
      try {
        var found =
            new SiteFinder(List.of())
                .find(
                    file.getFileName().toString(),
                    YamlScanner.scan(SourceText.decode(Files.readAllBytes(file))));
        for (ImageSite site : found.sites()) {
          String unclear = site.reading() instanceof Reading.Unclear u ? " !" + u.reason() : "";
          System.out.println("S\t" + root.relativize(file) + "\t" + site.line() + "\t" + site.shape() + "\t" + site.reading() + unclear + "\t" + site.path());
        }
        for (var d : found.dismissals()) {
          System.out.println("D\t" + root.relativize(file) + "\t" + d.line() + "\t" + d.why() + "\t" + d.path());
        }
      } catch (UnreadableYamlException e) {
        System.out.println("X\t" + root.relativize(file) + "\t" + e.line() + "\t" + e.getMessage());
      }
    }
    System.err.println((System.nanoTime() - start) / 1000000 + " ms");
  }
}
