import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.ModuleMainClassAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ModuleDesc;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.AccessFlag;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.Attributes.Name;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The program and its libraries as one module, which jlink can put beside those of Java. Classes
 * that come out of the runtime's own image need no jar to be opened, no table of its ten thousand
 * entries to be read and no packages to be made at each start.
 */
final class ProgramModule {

  static final String NAME = "entrepot";

  /** What is looked for by who has no descriptor, or does not say so in it. */
  private static final Set<String> ALSO_USED = Set.of("java.nio.file.spi.FileSystemProvider");

  private static final String SERVICES = "META-INF/services/";

  /** A module has no manifest, and native code is not loaded from where classes are. */
  private static final Pattern LEFT_OUT =
      Pattern.compile("META-INF/MANIFEST\\.MF|.*\\.(so|dll|dylib|jnilib)");

  private ProgramModule() {}

  /**
   * Writes the module.
   *
   * @param program the jar with everything in it; its manifest tells version and main class
   * @param libraries the class path it was made of: their descriptors tell which services they look
   *     for
   * @param modules what it uses of Java
   */
  static void write(Path program, String libraries, List<String> modules, Path to)
      throws IOException {
    try (JarFile jar = new JarFile(program.toFile(), true, JarFile.OPEN_READ, Runtime.version());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
      Map<String, List<String>> provided = provided(jar);
      Set<String> used = used(libraries);
      used.addAll(provided.keySet());
      used.addAll(ALSO_USED);
      out.putNextEntry(new ZipEntry("module-info.class"));
      out.write(descriptor(modules, jar.getManifest().getMainAttributes(), used, provided));
      // Of each class the one that is for this Java.
      for (JarEntry entry : (Iterable<JarEntry>) jar.versionedStream()::iterator) {
        if (!entry.isDirectory() && !LEFT_OUT.matcher(entry.getName()).matches()) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          try (InputStream bytes = jar.getInputStream(entry)) {
            bytes.transferTo(out);
          }
        }
      }
    }
  }

  private static byte[] descriptor(
      List<String> modules,
      Attributes program,
      Set<String> used,
      Map<String, List<String>> provided) {
    ModuleAttribute descriptor =
        ModuleAttribute.of(
            ModuleDesc.of(NAME),
            module -> {
              // Open: libraries look into the program's classes and read each other's files.
              module
                  .moduleFlags(AccessFlag.OPEN)
                  .moduleVersion(program.getValue(Name.IMPLEMENTATION_VERSION));
              for (String required : modules) {
                Set<AccessFlag> flags =
                    required.equals("java.base") ? Set.of(AccessFlag.MANDATED) : Set.of();
                module.requires(ModuleDesc.of(required), flags, null);
              }
              used.forEach(service -> module.uses(ClassDesc.of(service)));
              provided.forEach(
                  (service, providers) ->
                      module.provides(
                          ClassDesc.of(service),
                          providers.stream().map(ClassDesc::of).toArray(ClassDesc[]::new)));
            });
    return ClassFile.of()
        .buildModule(
            descriptor,
            attributes ->
                attributes.with(
                    ModuleMainClassAttribute.of(ClassDesc.of(program.getValue(Name.MAIN_CLASS)))));
  }

  /** Services that are in the jar themselves, and who in it provides them. */
  private static Map<String, List<String>> provided(JarFile jar) throws IOException {
    Map<String, List<String>> provided = new TreeMap<>();
    for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
      String name = entry.getName();
      if (!name.startsWith(SERVICES) || entry.isDirectory()) {
        continue;
      }
      String service = name.substring(SERVICES.length());
      if (jar.getEntry(service.replace('.', '/') + ".class") != null) {
        try (InputStream bytes = jar.getInputStream(entry)) {
          List<String> providers =
              new String(bytes.readAllBytes(), StandardCharsets.UTF_8)
                  .lines()
                  .map(line -> line.replaceFirst("#.*", "").strip())
                  .filter(line -> !line.isEmpty())
                  .toList();
          // A descriptor may not say that nobody provides a service; files may.
          if (!providers.isEmpty()) {
            provided.put(service, providers);
          }
        }
      }
    }
    return provided;
  }

  private static Set<String> used(String libraries) {
    return Stream.of(libraries.split(File.pathSeparator))
        .filter(path -> path.endsWith(".jar"))
        .flatMap(jar -> ModuleFinder.of(Path.of(jar)).findAll().stream())
        .map(found -> found.descriptor())
        .filter(descriptor -> !descriptor.isAutomatic())
        .map(ModuleDescriptor::uses)
        .flatMap(Set::stream)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
