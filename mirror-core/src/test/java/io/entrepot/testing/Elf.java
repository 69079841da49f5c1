package io.entrepot.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first bytes of a Linux program: as much of an ELF file as tells for which processor it is.
 */
final class Elf {

  private record Machine(int number, boolean wide, boolean littleEndian, int flags) {}

  private static final int EXECUTABLE = 2;

  private Elf() {}

  /**
   * A file of one header and no program.
   *
   * @param architecture as in platforms: {@code amd64}, {@code arm64}, {@code arm} ...
   */
  static byte[] header(String architecture) {
    Machine machine =
        switch (architecture) {
          case "amd64" -> new Machine(62, true, true, 0);
          case "arm64" -> new Machine(183, true, true, 0);
          case "arm" -> new Machine(40, false, true, 0x05000400); // EABI 5, hard float
          case "386" -> new Machine(3, false, true, 0);
          case "ppc64le" -> new Machine(21, true, true, 2);
          case "s390x" -> new Machine(22, true, false, 0);
          case "riscv64" -> new Machine(243, true, true, 5);
          default -> throw new IllegalArgumentException("no ELF machine known: " + architecture);
        };
    int size = machine.wide() ? 64 : 52;
    ByteBuffer header =
        ByteBuffer.allocate(size)
            .order(machine.littleEndian() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    header.put(new byte[] {0x7F, 'E', 'L', 'F'});
    header.put((byte) (machine.wide() ? 2 : 1));
    header.put((byte) (machine.littleEndian() ? 1 : 2));
    header.put((byte) 1);
    header.position(16);
    header.putShort((short) EXECUTABLE).putShort((short) machine.number()).putInt(1);
    header.position(machine.wide() ? 48 : 36);
    header.putInt(machine.flags()).putShort((short) size);
    return header.array();
  }
}
