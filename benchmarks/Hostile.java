import io.entrepot.lock.LockFile;
import io.entrepot.pin.LockSource;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.PinRules;
import io.entrepot.pin.Pinner;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Plans each directory again and again in one process, and prints a line for each: milliseconds of
 * the median, and of the slowest, once the code is warm; how many rounds; what was said first.
 */
final class Hostile {

  private static final long WARM_UP = 1_000_000_000L;
  private static final long MEASURED = 1_500_000_000L;
  private static final int MOST = 200;

  private Hostile() {}

  public static void main(String[] directories) throws Exception {
    PinRules rules = PinRules.DEFAULT;
    Pinner pinner = new Pinner(rules, new LockSource(LockFile.empty(), rules.floating()));
    for (String directory : directories) {
      List<Path> place = List.of(Path.of(directory));
      long began = System.nanoTime();
      PinPlan plan = pinner.plan(place, List.of());
      for (int i = 0; i < MOST && System.nanoTime() - began < WARM_UP; i++) {
        plan = pinner.plan(place, List.of());
      }
      long[] rounds = new long[MOST];
      int count = 0;
      began = System.nanoTime();
      while (count < 3 || (count < MOST && System.nanoTime() - began < MEASURED)) {
        long start = System.nanoTime();
        pinner.plan(place, List.of());
        rounds[count++] = System.nanoTime() - start;
      }
      Arrays.sort(rounds, 0, count);
      String said =
          plan.left().isEmpty()
              ? "nothing to pin"
              : "line %d: %s"
                  .formatted(plan.left().getFirst().line(), plan.left().getFirst().reason());
      System.out.printf(
          "%.1f\t%.1f\t%d\t%s%n", rounds[count / 2] / 1e6, rounds[count - 1] / 1e6, count, said);
    }
  }
}
