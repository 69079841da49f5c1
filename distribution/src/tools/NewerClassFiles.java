import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Brings class files made for Java 5 to the format of Java 8, without a change to what they do. A
 * start-up cache holds no class file older than Java 6, and picocli's are: left as they are, they
 * are read and verified anew at every start, which takes longer than everything else that {@code
 * --version} does.
 *
 * <pre>java NewerClassFiles.java FROM TO</pre>
 *
 * TO takes its name when it is whole: a program that runs from the jar of a former build goes on
 * running. Where it would be as it is already, it is not touched, and caches made from it stay
 * valid.
 */
final class NewerClassFiles {

  private static final int NEWER = ClassFile.JAVA_8_VERSION;

  private NewerClassFiles() {}

  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Path.of(arguments[1]);
    Path newer = to.resolveSibling(to.getFileName() + ".newer");
    bring(from, newer);
    if (Files.exists(to) && Files.mismatch(newer, to) < 0) {
      Files.delete(newer);
    } else {
      Files.move(newer, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void bring(Path jar, Path newer) throws IOException {
    try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        ZipInputStream in = new ZipInputStream(Files.newInputStream(jar));
        OutputStream file = Files.newOutputStream(newer);
        ZipOutputStream out = new ZipOutputStream(file)) {
      ClassFile format =
          ClassFile.of(
              StackMapsOption.GENERATE_STACK_MAPS,
              // With the old pool the code would be taken over as it is, without stack maps.
              ConstantPoolSharingOption.NEW_POOL,
              ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(classes)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] bytes = in.readAllBytes();
        if (entry.getName().endsWith(".class")) {
          ClassModel model = format.parse(bytes);
          if (model.majorVersion() < ClassFile.JAVA_6_VERSION) {
            bytes = format.transformClass(model, newer());
          }
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        out.write(bytes);
      }
    }
  }

  private static ClassTransform newer() {
    ClassTransform version =
        (to, element) -> {
          if (element instanceof ClassFileVersion) {
            to.withVersion(NEWER, 0);
          } else {
            to.with(element);
          }
        };
    return version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL));
  }
}
