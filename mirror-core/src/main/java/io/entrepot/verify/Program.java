package io.entrepot.verify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What the first bytes of a file say of the machine that can run it. */
sealed interface Program {

  /** How many first bytes are looked at; a PE header lies within them in every real program. */
  int HEAD_BYTES = 1024;

  /** The longest first line the Linux kernel reads ({@code BINPRM_BUF_SIZE}). */
  int LINE_BYTES = 256;

  /** Machine code. */
  record Native(Format format, String architecture) implements Program {
    @Override
    public String toString() {
      return format.label + " " + architecture;
    }
  }

  /** A text that names its interpreter in the first line, without the {@code #!}. */
  record Script(String interpreter) implements Program {}

  /** Anything else. */
  enum Other implements Program {
    /** Neither machine code nor a script. */
    DATA,
    /** Too short to be anything. */
    EMPTY,
    /** Stored with holes; its first bytes are not read. */
    SPARSE
  }

  /** Containers of machine code. */
  enum Format {
    /** Linux and the BSDs. */
    ELF("ELF"),
    /** Windows. */
    PE("PE"),
    /** macOS. */
    MACH_O("Mach-O");

    final String label;

    Format(String label) {
      this.label = label;
    }
  }

  /** Looks at the first bytes of a file. */
  static Program of(byte[] head) {
    if (head.length < 2) {
      return Other.EMPTY;
    }
    if (head[0] == '#' && head[1] == '!') {
      return script(head);
    }
    ByteBuffer bytes = ByteBuffer.wrap(head);
    if (head.length >= 20 && bytes.getInt(0) == 0x7f454c46) {
      return elf(bytes);
    }
    if (head.length >= 64 && head[0] == 'M' && head[1] == 'Z') {
      return pe(bytes.order(ByteOrder.LITTLE_ENDIAN));
    }
    return head.length >= 8 ? machO(bytes) : Other.DATA;
  }

  private static Program script(byte[] head) {
    int end = 2;
    while (end < Math.min(head.length, LINE_BYTES) && head[end] != '\n' && head[end] != 0) {
      end++;
    }
    return new Script(new String(head, 2, end - 2, StandardCharsets.UTF_8).strip());
  }

  // ELF-64 Object File Format, "ELF header"; machine numbers of the gABI.
  private static Program elf(ByteBuffer bytes) {
    boolean wide = bytes.get(4) == 2;
    boolean little = bytes.get(5) != 2;
    int machine =
        bytes.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).getShort(18) & 0xffff;
    String architecture =
        switch (machine) {
          case 2 -> "sparc";
          case 3 -> "386";
          case 8, 10 -> (wide ? "mips64" : "mips") + (little ? "le" : "");
          case 20 -> little ? "ppcle" : "ppc";
          case 21 -> little ? "ppc64le" : "ppc64";
          case 22 -> wide ? "s390x" : "s390";
          case 40 -> little ? "arm" : "armbe";
          case 43 -> "sparc64";
          case 62 -> "amd64";
          case 183 -> little ? "arm64" : "arm64be";
          case 243 -> wide ? "riscv64" : "riscv";
          case 258 -> wide ? "loong64" : "loong32";
          default -> "machine " + machine;
        };
    return new Native(Format.ELF, architecture);
  }

  // Microsoft's "PE Format", "Machine Types"; at 0x3c lies the position of the signature.
  private static Program pe(ByteBuffer bytes) {
    int at = bytes.getInt(0x3c);
    if (at < 0 || at > bytes.capacity() - 6 || bytes.getInt(at) != 0x4550) {
      return Other.DATA;
    }
    int machine = bytes.getShort(at + 4) & 0xffff;
    String architecture =
        switch (machine) {
          case 0x14c -> "386";
          case 0x8664 -> "amd64";
          case 0x1c0, 0x1c4 -> "arm";
          case 0xaa64 -> "arm64";
          default -> "machine " + machine;
        };
    return new Native(Format.PE, architecture);
  }

  private static Program machO(ByteBuffer bytes) {
    int magic = bytes.getInt(0);
    boolean little = magic == 0xcefaedfe || magic == 0xcffaedfe;
    if (!little && magic != 0xfeedface && magic != 0xfeedfacf) {
      return Other.DATA;
    }
    int type = bytes.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).getInt(4);
    String architecture =
        switch (type) {
          case 7 -> "386";
          case 0x01000007 -> "amd64";
          case 12 -> "arm";
          case 0x0100000c -> "arm64";
          default -> "machine " + type;
        };
    return new Native(Format.MACH_O, architecture);
  }
}
