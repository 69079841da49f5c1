package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.config.SpecLoader;
import io.entrepot.testing.Schemas;
import io.entrepot.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example in {@code config/}, the schema beside it and the reader say the same. */
class ProxyExampleTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void proxyExample_isLoadedWithoutAnyVariable() throws Exception {
    Path example = Path.of("../config/proxy.yaml");
    assertThat(ProxySpecReader.load(new SpecLoader(name -> null), example).registries()).hasSize(7);
    assertThat(Schemas.complaints("proxy", Files.readString(example))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lsten: x:1",
        "listen: here",
        "cache: x",
        "cache: { dir: x }",
        "cache: { maxSize: many }",
        "tls: { certificate: a }",
        "tls: {}",
        "tagFreshness: soon",
        "local: sometimes",
        "accessLog: xml",
        "names: a",
        "anonymous: 1",
        "page: sometimes",
        "publicUrl: cache.example.org",
        "publicUrl: https://cache.example.org/?a=b",
        "publicUrl: https://me@cache.example.org/",
        "access: { repositories: a }",
        "access: [{ read: [a] }]",
        "access: [{ repositories: a, delete: [b] }]",
        "access: [{ repositories: a, read: ['*'] }]",
        "registries: [a]",
        "registries: { docker.io: { endpoints: [] } }",
        "registries: { docker.io: { endpoints: [{ lok: a }] } }",
        "registries: { docker.io: { endpoints: [{}] } }",
      })
  void brokenProxyFile_isRefusedByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("proxy.yaml"), text);
    assertThatThrownBy(() -> ProxySpecReader.load(new SpecLoader(name -> null), file))
        .isInstanceOf(ConfigException.class);
    assertThat(Schemas.complaints("proxy", text)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache: { maxSize: 20GiB }",
        "cache: { maxSize: 1.5 GB }",
        "cache: { maxSize: 1000 }",
        "tagFreshness: 1h30m",
        "page: false\npublicUrl: https://cache.example.org/a/b/",
        "publicUrl: http://localhost:8080",
        "tls: { certificate: a.pem, key: b.pem }\nlisten: ':5000'\nusers: u\nlocal: false",
        "registries: { docker.io: , 'localhost:5001': { endpoints: ['http://localhost:5001'] } }",
      })
  void soundProxyFile_isTakenByReaderAndSchema(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("proxy.yaml"), text);
    assertThat(ProxySpecReader.load(new SpecLoader(name -> null), file)).isNotNull();
    assertThat(Schemas.complaints("proxy", text)).isEmpty();
  }
}
