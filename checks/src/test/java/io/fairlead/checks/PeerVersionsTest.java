// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The peers' tree has no parent of ours; the versions that both trees name are the same all the same. */
class PeerVersionsTest {

    @Test
    void thoseOfBothTreesAgree() throws IOException {
        Map<String, String> ours = versions("pom.xml");
        Map<String, String> theirs = versions("benchmarks/peers/pom.xml");
        theirs.keySet().retainAll(ours.keySet());
        assertThat(theirs).hasSizeGreaterThan(5);
        theirs.forEach((name, version) -> assertThat(version).as(name).isEqualTo(ours.get(name)));
    }

    private static Map<String, String> versions(String pom) throws IOException {
        Map<String, String> versions = new TreeMap<>();
        Pattern.compile("<([\\w.-]+\\.version)>([^<]+)</\\1>")
                .matcher(Files.readString(GeneratedBlock.TOP.resolve(pom)))
                .results()
                .forEach(match -> versions.put(match.group(1), match.group(2)));
        return versions;
    }
}
