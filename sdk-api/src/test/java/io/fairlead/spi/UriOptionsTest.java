// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.Registry;
import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UriOptionsTest {
    @Test
    void takesAUriApart() {
        UriOptions parts = parse("etcd://h1:1234,h2/team/services/?dc=eu%201");
        assertThat(parts.addresses()).containsExactly("h1:1234", "h2:2379");
        assertThat(parts.path()).isEqualTo("team/services");
        assertThat(parts.option("dc")).isEqualTo("eu 1");
    }

    @Test
    void aBareSchemeHasTheDefaults() {
        assertThat(parse("etcd:/").addresses()).containsExactly("localhost:2379");
        assertThat(parse("etcd://[::1]").addresses()).containsExactly("[::1]:2379");
    }

    @Test
    void aMisspeltOptionNamesTheNearest() {
        assertThatThrownBy(() -> parse("etcd://h?wiat=3"))
                .hasMessage("option 'wiat' of a etcd URI; did you mean 'wait'? (expected: one of [dc, wait])");
        assertThatThrownBy(() -> parse("etcd://h?wait=")).hasMessageContaining("no value");
        assertThatThrownBy(() -> parse("etcd://h:99999")).hasMessageContaining("(expected: 1..65535)");
    }

    @Test
    void secretsNeverStandInAUriNorInTheMessageAboutThem() {
        assertThatThrownBy(() -> parse("etcd://root:hunter2@h:2379"))
                .hasMessageContaining("expected: secrets through the builder")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void anUnknownSchemeSaysWhatIsThere() {
        assertThatThrownBy(() -> Registry.connect("zookeeper://h"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: a scheme among none");
        assertThatThrownBy(() -> Registry.connect("consul://a b"))
                .hasMessageStartingWith("registry URI: 'consul://a b'");
    }

    private static UriOptions parse(String uri) {
        return UriOptions.parse(URI.create(uri), "localhost", 2379, Set.of("dc", "wait"));
    }
}
