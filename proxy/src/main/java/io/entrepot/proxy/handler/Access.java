package io.entrepot.proxy.handler;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Digest;
import io.entrepot.proxy.login.Anonymous;
import io.entrepot.proxy.login.PullRate;
import io.entrepot.proxy.login.Right;
import io.entrepot.proxy.login.Tokens;
import io.entrepot.proxy.login.Visitor;
import io.entrepot.text.Glob;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may read and write what: users of an htpasswd file with bcrypt, and rules by repository. */
public final class Access {

  /** Bytes of a password that bcrypt looks at; a longer one is nobody's. */
  private static final int MAX_PASSWORD = 72;

  /** Means everybody, also without a name. */
  public static final String ANYBODY = "*";

  /**
   * Who may do what in some repositories; the first rule that fits counts.
   *
   * @param repositories a pattern in which {@code *} stands for any characters
   * @param read users who may pull; {@link #ANYBODY} for all
   * @param write users who may push and delete
   */
  public record Rule(Glob repositories, List<String> read, List<String> write) {
    /** Copies the lists. */
    public Rule {
      read = List.copyOf(read);
      write = List.copyOf(write);
    }

    /** As configured. */
    public Rule(String repositories, List<String> read, List<String> write) {
      this(Glob.ofName(repositories), read, write);
    }

    boolean fits(String name) {
      return repositories.matches(name);
    }
  }

  /**
   * Users of one list.
   *
   * @param hashes by name
   * @param proven who showed the right password lately; keyed by a hash, so that no password stays
   *     in memory longer than its request
   */
  private record Users(Map<String, String> hashes, Cache<Digest, String> proven) {
    Users(Map<String, String> hashes) {
      this(
          Map.copyOf(hashes),
          Caffeine.newBuilder().maximumSize(1000).expireAfterWrite(Duration.ofMinutes(5)).build());
    }
  }

  private final List<Rule> rules;
  private final @Nullable Tokens tokens;
  private final Anonymous anonymous;
  private volatile Users users;

  private Access(
      Map<String, String> hashes, List<Rule> rules, @Nullable Tokens tokens, Anonymous anonymous) {
    this.users = new Users(hashes);
    this.tokens = tokens;
    this.anonymous = anonymous;
    this.rules = List.copyOf(rules);
  }

  /** Nobody is asked for a name, everybody may do everything. */
  public static Access open() {
    return new Access(Map.of(), List.of(), null, Anonymous.AS_RULED);
  }

  /**
   * Users from an htpasswd file.
   *
   * @param rules empty: every user may do everything
   * @throws IllegalArgumentException for lines without a bcrypt hash, naming the line
   */
  public static Access of(String htpasswd, List<Rule> rules) {
    return new Access(hashes(htpasswd), rules, null, Anonymous.AS_RULED);
  }

  /** Nobody has a password; who shows a token may do what its claims allow. */
  public static Access of(Tokens tokens, List<Rule> rules) {
    return new Access(Map.of(), rules, tokens, Anonymous.AS_RULED);
  }

  /**
   * Users from an htpasswd file, and tokens.
   *
   * @throws IllegalArgumentException as {@link #of(String, List)}
   */
  public static Access of(String htpasswd, Tokens tokens, List<Rule> rules) {
    return new Access(hashes(htpasswd), rules, tokens, Anonymous.AS_RULED);
  }

  /** The same users and rules, with more or less for those without a login. */
  public Access with(Anonymous other) {
    return new Access(users.hashes(), rules, tokens, other);
  }

  /** How often an address may pull without a login, or null without a limit. */
  @Nullable PullRate anonymousPulls() {
    return anonymous.pulls();
  }

  /**
   * Takes other users from now on; who was proven by the list before is not any more.
   *
   * @throws IllegalArgumentException as {@link #of(String, List)}; the users stay who they were
   */
  public void replace(String htpasswd) {
    users = new Users(hashes(htpasswd));
  }

  private static Map<String, String> hashes(String htpasswd) {
    Map<String, String> hashes = new LinkedHashMap<>();
    int number = 0;
    for (String line : htpasswd.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1 || !line.substring(colon + 1).strip().matches("\\$2[aby]\\$.{56}")) {
        throw new IllegalArgumentException(
            "htpasswd line %d: expected user:bcrypt-hash (htpasswd -B)".formatted(number));
      }
      hashes.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    if (hashes.isEmpty()) {
      throw new IllegalArgumentException("the htpasswd file names nobody");
    }
    return hashes;
  }

  /** Whether nobody is asked for a name. */
  public boolean isOpen() {
    return tokens == null && users.hashes().isEmpty();
  }

  /** What judges tokens, or null where they are no logins. */
  @Nullable Tokens tokens() {
    return tokens;
  }

  /** The user whom a header names and who was proven lately; looks at memory only. */
  public Optional<String> remembered(@Nullable String authorization) {
    return authorization == null
        ? Optional.empty()
        : Optional.ofNullable(users.proven().getIfPresent(key(authorization)));
  }

  /**
   * Whether a header names nobody: there is none, or it is the empty name with the empty password,
   * which podman and skopeo send after a challenge when they have no login.
   */
  static boolean isNobody(@Nullable String authorization) {
    return authorization == null || authorization.strip().equalsIgnoreCase("Basic Og==");
  }

  /** Checks a header; blocks for as long as bcrypt takes. */
  public Optional<String> prove(String authorization) {
    Optional<Login> login = Login.parse(authorization);
    Users asked = users;
    if (asked.hashes().isEmpty() || login.isEmpty()) {
      return Optional.empty();
    }
    byte[] password = login.get().password().getBytes(StandardCharsets.UTF_8);
    if (password.length > MAX_PASSWORD) {
      return Optional.empty();
    }
    String user = login.get().user();
    String known = asked.hashes().get(user);
    // An unknown name takes as long as a wrong password.
    String hash = known == null ? asked.hashes().values().iterator().next() : known;
    boolean right =
        BCrypt.verifyer().verify(password, hash.getBytes(StandardCharsets.UTF_8)).verified;
    if (!right || known == null) {
      return Optional.empty();
    }
    asked.proven().put(key(authorization), user);
    return Optional.of(user);
  }

  private static Digest key(String authorization) {
    return Digest.of(authorization.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether somebody may pull. */
  public boolean mayRead(@Nullable Visitor visitor, String repository) {
    return may(visitor, repository, Right.READ);
  }

  /** Whether somebody may push. */
  public boolean mayWrite(@Nullable Visitor visitor, String repository) {
    return may(visitor, repository, Right.WRITE);
  }

  /** Whether somebody may remove what was pushed: users who may push, and tokens that say so. */
  public boolean mayDelete(@Nullable Visitor visitor, String repository) {
    return may(visitor, repository, Right.DELETE);
  }

  private boolean may(@Nullable Visitor visitor, String repository, Right right) {
    if (isOpen()) {
      return true;
    }
    return (right == Right.READ && isOpenToRead(repository))
        || switch (visitor) {
          case Visitor.TokenHolder holder ->
              holder.may(right, repository)
                  || (right == Right.READ && isNamed(ANYBODY, repository, right));
          case Visitor.User user -> rules.isEmpty() || isNamed(user.name(), repository, right);
          case null -> isNamed(ANYBODY, repository, right);
        };
  }

  /** Who is named as a reader of a repository reads it alone. */
  private boolean isOpenToRead(String repository) {
    return anonymous.reading()
        && rules.stream()
            .filter(rule -> rule.fits(repository))
            .findFirst()
            .filter(rule -> !rule.read().isEmpty())
            .isEmpty();
  }

  private boolean isNamed(String name, String repository, Right right) {
    return rules.stream()
        .filter(rule -> rule.fits(repository))
        .findFirst()
        .map(rule -> right == Right.READ ? rule.read() : rule.write())
        .filter(allowed -> allowed.contains(ANYBODY) || allowed.contains(name))
        .isPresent();
  }
}
